// The bench's end of a backend that can be killed: a child process, orders out, answers or its death back.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Home } from './home.ts'
import type { Place } from './places.ts'
import type { FromBackend, Order, Settled, ToBackend } from './protocol.ts'

export interface Backend {
  /** Carries out an order until nothing is left to do; null when the backend was killed on the way. */
  carryOut(order: Order): Promise<Settled | null>
  /** Waits until nothing is left to do. */
  settle(): Promise<Settled | null>
  /** Kills it, whatever it does. */
  kill(): Promise<void>
  /** Ends it in good order. */
  end(): Promise<void>
}

/** Starts a backend; null when `killAt` killed it while it started. */
export async function startBackend(
  { dataDir, databaseUrl, program }: Home,
  killAt: Place | null = null,
): Promise<Backend | null> {
  const child = fork(program.backend, [], {
    // It lives for a second or two: what the embedded database is compiled to again, and better, would not pay.
    execArgv: ['--liftoff-only'],
    env: {
      PATH: process.env.PATH,
      HOME: dataDir,
      SPOQ_DATA_DIR: dataDir,
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      CRASH_AT: killAt ?? '',
      CRASH_CONDUCTOR: program.conductor,
      NODE_COMPILE_CACHE: program.compiled,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const said: string[] = []
  for (const output of [child.stdout, child.stderr]) output?.on('data', text => said.push(String(text)))
  const exit = once(child, 'exit')
  const dead = exit.then(([status, signal]) => {
    if (signal !== 'SIGKILL') throw new Error(`the backend ended with ${signal ?? status}: ${said.join('')}`)
    return null
  })
  dead.catch(() => {})
  let last = 0
  const ask = (question: { do: 'order'; order: Order } | { do: 'settle' }) => {
    const id = ++last
    // One that was killed just now cannot be told; its end says so.
    child.send({ id, ...question } satisfies ToBackend, () => {})
    return Promise.race([answer(child, id), dead])
  }
  if (!(await Promise.race([ready(child), dead]))) return null
  return {
    carryOut: order => ask({ do: 'order', order }),
    settle: () => ask({ do: 'settle' }),
    async kill() {
      child.kill('SIGKILL')
      await exit
    },
    async end() {
      child.kill('SIGTERM')
      await exit
    },
  }
}

function ready(child: ChildProcess): Promise<true> {
  return new Promise(resolve => {
    child.on('message', (message: FromBackend) => message.kind === 'ready' && resolve(true))
  })
}

function answer(child: ChildProcess, id: number): Promise<Settled> {
  return new Promise((resolve, reject) => {
    const hear = (message: FromBackend) => {
      if (message.kind === 'ready' || message.id !== id) return
      child.off('message', hear)
      if (message.kind === 'settled') resolve(message.settled)
      else reject(new Error(message.error))
    }
    child.on('message', hear)
  })
}
