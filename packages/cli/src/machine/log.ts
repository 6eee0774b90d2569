// What a Conductor says of itself, read on by the numbers of its lines.

import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { isTransient } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import type { SetupLog } from '@spoq/contracts/setup'
import { readLog } from '@spoq/contracts/status'
import { type Interrupts, processInterrupts } from '../render/interrupts.ts'

const everyMs = 1_000

interface Wish {
  lines: number
  follow: boolean
  json?: boolean | undefined
}

/** Prints the last lines, and those that come until Ctrl-C. */
export async function followLog(
  machine: Target,
  { lines, follow, json }: Wish,
  print: (text: string) => void,
  interrupts: Interrupts = processInterrupts,
) {
  const ended = new AbortController()
  const forget = follow ? interrupts(() => ended.abort()) : () => {}
  try {
    for (let query: Record<string, string> = { lines: String(lines) }; ; ) {
      const answer = await call(machine, readLog, { query, signal: ended.signal }).catch(error => {
        // A machine that starts anew is read on: its lines keep their numbers.
        if (!follow || !('after' in query) || !isTransient(error)) throw error
        return { lines: [] }
      })
      for (const line of answer.lines) print(json ? JSON.stringify(line) : `${line.at} ${line.level} ${line.text}`)
      const last = answer.lines.at(-1)
      if (last) query = { lines: '1000', after: String(last.n) }
      if (!follow) return
      await sleep(everyMs, undefined, { signal: ended.signal })
    }
  } catch (error) {
    if (!ended.signal.aborted) throw error
  } finally {
    forget()
  }
}

/** How a set-up stands, in a line. */
export const lineOf = ({ state, stage, error }: SetupLog): string =>
  state === 'failed' ? `failed: ${error}` : state === 'done' ? 'done' : `running: ${stage ?? 'waiting for the server'}`
