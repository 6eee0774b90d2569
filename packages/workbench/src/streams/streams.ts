// One session on one Conductor, read by many at once. Machine, model and readers are three processes.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { pathOf } from '@spoq/contracts/http'
import { ask, sessionEvents, turnEnds } from '@spoq/contracts/session'
import type { Read } from './readers.ts'

interface Options {
  readers: number
  /** Words of the answer, and ms between two. */
  pieces: number
  paceMs: number
  /** Whether they read while the answer is given, or what was given before. */
  live: boolean
}

/** Has a session read by many at once. */
export async function deliver({ readers, pieces, paceMs, live }: Options): Promise<Read> {
  const machine = child('machine-process.ts', [pieces, paceMs])
  const socket = await machine.line()
  const dispatcher = overSocket(socket)
  const target = { origin: 'http://machine', dispatcher, unreachable: 'machine_unreachable', now: Date.now } as const
  try {
    const { session, turn } = await call(target, ask, { body: { question: 'count' } })
    if (!live) await ended(target, session, turn)
    const reading = child('readers.ts', [socket, `${pathOf(sessionEvents.path, { session })}?turn=${turn}`, readers])
    await reading.line()
    return JSON.parse(await reading.line()) as Read
  } finally {
    await dispatcher.destroy()
    await machine.end()
  }
}

async function ended(target: Target, session: string, turn: string): Promise<void> {
  const isLast = ({ type }: { type: string }) => (turnEnds as readonly string[]).includes(type)
  for await (const event of follow(target, sessionEvents, { params: { session }, query: { turn }, isLast })) void event
}

/** The value that so many percent are below, of at least one value. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))]
  if (value === undefined) throw new RangeError('a percentile of nothing')
  return value
}

interface Child {
  line(): Promise<string>
  end(): Promise<void>
}

function child(file: string, words: (string | number)[]): Child {
  const process_: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, file), ...words.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: Interface = createInterface({ input: process_.stdout as NodeJS.ReadableStream })
  const iterator = lines[Symbol.asyncIterator]()
  return {
    async line() {
      const { value, done } = await iterator.next()
      if (done) throw new Error(`${file} ended before it said what it should`)
      return value
    },
    async end() {
      process_.kill('SIGTERM')
      if (process_.exitCode === null && process_.signalCode === null) await once(process_, 'exit')
    },
  }
}
