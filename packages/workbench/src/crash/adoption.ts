// Machines of the provider `local` outlive the backend: killed at any moment, the next one finds each again by the id that
// it answers on the socket of its own folder. Nothing of a machine may show that its backend was gone.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import type { Target } from '@spoq/client/target'
import { ask, listSessions } from '@spoq/contracts/session'
import { showStatus } from '@spoq/contracts/status'
import { folderHolder } from '@spoq/kit/folder-lock'
import { socketPath } from '@spoq/kit/socket-path'
import { startBackend } from './backend.ts'
import { strays, wrongs } from './evidence.ts'
import { type Home, withHome } from './home.ts'
import { endMachines, started } from './kill-everywhere.ts'
import type { Settled } from './protocol.ts'

export interface AdoptionWish {
  kills: number
  random: () => number
  /** No further kill after this is true. */
  enough?: () => boolean
}

export interface Adoption {
  kills: number
  wrongs: string[]
}

const keys = ['adopted-one', 'adopted-two']

/** Kills the backend so often at a random moment of its life, from its first instant on, and looks at its machines. */
export async function killAndAdopt(wish: AdoptionWish): Promise<Adoption> {
  return withHome(home => killIn(home, wish))
}

async function killIn(home: Home, { kills, random, enough }: AdoptionWish): Promise<Adoption> {
  const machinesDir = join(home.dataDir, 'machines')
  let backend = await started(home)
  const sum: Adoption = { kills: 0, wrongs: [] }
  try {
    for (const key of keys) await backend.carryOut({ verb: 'provision', key, killAt: null })
    const settled = await backend.settle()
    const machines = keys.flatMap(key => settled?.machines[key]?.machine ?? [])
    for (const machine of machines)
      await withMachine(machinesDir, machine, target =>
        call(target, ask, { body: { question: 'Hello.', model: 'demo' } }),
      )
    const first = await look(machinesDir, machines, settled)
    while (sum.kills < kills && sum.wrongs.length === 0 && !enough?.()) {
      await sleep(random() * 300)
      await backend.kill()
      sum.kills += 1
      if (random() < 0.5) {
        await killWhileStarting(home, Math.floor(random() * 1_500))
        sum.kills += 1
      }
      backend = await started(home)
      const now = await look(machinesDir, machines, await backend.settle())
      if (now !== first) sum.wrongs.push(`after ${sum.kills} kills there is ${now}, and there was ${first}`)
    }
    return sum
  } finally {
    await backend.end()
    await endMachines(home.dataDir)
  }
}

/** It may be at work on a machine just then. */
async function killWhileStarting(home: Home, ms: number): Promise<void> {
  const backend = await startBackend(home, `at ${ms} ms`)
  await backend?.kill()
}

/** Everything of the machines that must stay as it is, in one line; nothing may be wrong with them. */
async function look(machinesDir: string, machines: string[], settled: Settled | null): Promise<string> {
  const all = Object.values(settled?.machines ?? {})
  const patience = AbortSignal.timeout(5_000)
  // What a Conductor started for a turn ends by itself.
  for (;;) {
    const found = [
      ...strays(machinesDir, new Set(machines)),
      ...all.flatMap(rows => wrongs(machinesDir, rows, 'running')),
    ]
    if (found.length > 0 && patience.aborted) throw new Error(found.join('; '))
    if (found.length === 0) break
    await sleep(50)
  }
  const kept = machines.map(machine =>
    withMachine(machinesDir, machine, async target => {
      const { machine: id, startedAt } = await call(target, showStatus, {})
      const { sessions } = await call(target, listSessions, { query: { limit: 50 } })
      return {
        id,
        startedAt,
        pid: folderHolder(join(machinesDir, machine))?.pid,
        sessions: sessions.map(each => each.id),
      }
    }),
  )
  return JSON.stringify([all, await Promise.all(kept)])
}

async function withMachine<T>(machinesDir: string, machine: string, work: (target: Target) => Promise<T>): Promise<T> {
  const dispatcher = overSocket(socketPath(join(machinesDir, machine), 'local.sock'))
  try {
    return await work({ origin: 'http://conductor', dispatcher, unreachable: 'machine_unreachable', now: Date.now })
  } finally {
    await dispatcher.destroy()
  }
}
