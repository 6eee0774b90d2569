// What is piped into `spoq ask`.

import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { SpoqError } from '@spoq/contracts/problem'
import { maxQuestionBytes } from '@spoq/contracts/session'
import { decode } from './named-file.ts'

/**
 * Reads all of standard input as text. Programs that start others often leave its pipe open and write nothing: with
 * `patienceMs` it answers null when nothing, not even the end, has come in that time.
 * @throws SpoqError `usage` when it is no text, `too_large`.
 */
export async function readInput(input: Readable, patienceMs: number | null): Promise<string | null> {
  if (patienceMs !== null && !(await comes(input, patienceMs))) return null
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of input) {
    size += (piece as Buffer).length
    if (size > maxQuestionBytes)
      throw new SpoqError('too_large', {
        message: `More than ${maxQuestionBytes} bytes came on standard input, and a question holds no more.`,
        next: 'Send a part of it: head, grep or sed it first.',
      })
    pieces.push(Buffer.from(piece as Buffer))
  }
  return decode(Buffer.concat(pieces), 'Standard input')
}

async function comes(input: Readable, patienceMs: number): Promise<boolean> {
  if (input.readableEnded || input.readableLength > 0) return true
  try {
    const signal = AbortSignal.timeout(patienceMs)
    await Promise.race([once(input, 'readable', { signal }), once(input, 'end', { signal })])
    return true
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
    input.destroy()
    return false
  }
}
