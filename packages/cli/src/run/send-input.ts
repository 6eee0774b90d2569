// Standard input for a run, in pieces that each say where they belong: one that is sent twice is taken once.

import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { sendInput } from '@spoq/contracts/run'

const mostBytes = 256 << 10

/** Sends all that comes, then closes the run's input. Ends early, and quietly, when the run has ended. */
export async function sendAll(target: Target, run: string, input: Readable, signal: AbortSignal): Promise<void> {
  let at = 0
  try {
    for await (const chunk of input)
      for (const piece of cutUp(chunk as Buffer)) {
        await sendPiece(target, run, { at, data: piece.toString('base64') }, signal)
        at += piece.length
      }
    await sendPiece(target, run, { at, data: '', end: true }, signal)
  } catch (error) {
    if (!signal.aborted && !isOver(error)) throw error
  }
}

function* cutUp(chunk: Buffer): Generator<Buffer> {
  for (let from = 0; from < chunk.length; from += mostBytes) yield chunk.subarray(from, from + mostBytes)
}

interface Piece {
  at: number
  data: string
  end?: boolean
}

/** A piece whose answer was lost is sent again, for as long as the run's events are waited for. */
async function sendPiece(target: Target, run: string, body: Piece, signal: AbortSignal): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      return await call(target, sendInput, { params: { run }, body, signal })
    } catch (error) {
      if (failures >= 8 || !isTransient(error)) throw error
      await sleep(Math.min(100 * 2 ** failures, 5_000), undefined, { signal })
    }
  }
}

const isTransient = (error: unknown) =>
  error instanceof SpoqError && (error.code === 'machine_unreachable' || error.code === 'unavailable')

const isOver = (error: unknown) =>
  error instanceof SpoqError && (error.code === 'run_ended' || error.code === 'run_not_found')
