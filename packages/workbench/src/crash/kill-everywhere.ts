// Kills the backend once at every place of a verb, starts it again, and looks at what is left.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { localProvider } from '@spoq/providers/local'
import { type Backend, startBackend } from './backend.ts'
import { strays, wrongs } from './evidence.ts'
import { type Home, withHome } from './home.ts'
import type { Place } from './places.ts'
import type { Settled, Verb } from './protocol.ts'

export interface Report {
  /** The places that were chosen of those that one undisturbed run passes, without those that are as good as another. */
  places: Place[]
  /** How often the backend was killed. */
  kills: number
  /** Places that a later run did not pass, so that nothing was killed there. */
  missed: Place[]
  /** What was wrong afterwards, and where it had been killed. */
  wrongs: string[]
}

export interface Wish {
  verb: Verb
  /** Which of the places; default: all. */
  choose?: (places: Place[]) => Place[]
  /** Where to kill the backend again, while it starts after the first kill. */
  again?: (places: Place[]) => Place | null
  tell?: (line: string) => void
  /** No further kill after this is true. */
  enough?: () => boolean
}

/** One data folder for all kills: what one leaves is there when the next one comes, as in life. */
export async function killEverywhere(wish: Wish): Promise<Report> {
  return withHome(home => killIn(home, wish))
}

async function killIn(home: Home, wish: Wish): Promise<Report> {
  const bench = { ...home, backend: await started(home), recovery: [] as Place[], orders: 0 }
  try {
    await undisturbed(bench, wish.verb, 'first')
    const all = distinct(await undisturbed(bench, wish.verb, 'second'))
    const places = wish.choose?.(all) ?? all
    const report: Report = { places, kills: 0, missed: [], wrongs: [] }
    for (const place of places) {
      if (wish.enough?.()) break
      const found = await killAt(bench, wish, place, report).catch(cause => {
        throw new Error(`killed ${place}: ${cause.message}`, { cause })
      })
      report.wrongs.push(...found.map(wrong => `killed ${place}: ${wrong}`))
      wish.tell?.(`${wish.verb} killed ${place}: ${found.join('; ') || 'well'}`)
    }
    return report
  } finally {
    await bench.backend.end()
    await endMachines(home.dataDir)
  }
}

/** A bench that gave up in the middle leaves no Conductor behind. */
export async function endMachines(dataDir: string): Promise<void> {
  const conductor = { node: process.execPath, entry: '' }
  const provider = localProvider({ machinesDir: join(dataDir, 'machines'), conductor, now: Date.now })
  for (const { ref } of await provider.list()) await provider.terminate(ref)
}

interface Bench extends Home {
  backend: Backend
  /** The places of the last start after a kill. */
  recovery: Place[]
  orders: number
}

/** What has to be done before a verb, to have it do something. */
const before = { provision: [], stop: ['provision'], start: ['provision', 'stop'], terminate: ['provision'] } as const
const wished = { provision: 'running', start: 'running', stop: 'stopped', terminate: 'terminated' } as const

/** Orders without a kill, one after the other; answers what the last one passed and left. */
async function well({ backend }: Bench, key: string, ...verbs: Verb[]): Promise<Settled> {
  let settled = alive(await backend.settle())
  for (const verb of verbs) settled = alive(await backend.carryOut({ verb, key, killAt: null }))
  return settled
}

export async function started(home: Home): Promise<Backend> {
  const backend = await startBackend(home)
  if (!backend) throw new Error('the backend was killed, and not by this bench')
  return backend
}

/** From the end of one call to the begin of the next nothing happens that could be seen after a kill. */
const distinct = (places: Place[]) => places.filter((place, at) => at === 0 || place.startsWith('after '))

/** Runs the verb without a kill and answers its places. */
async function undisturbed(bench: Bench, verb: Verb, key: string): Promise<Place[]> {
  const { passed } = await well(bench, key, ...before[verb], verb)
  await well(bench, key, 'terminate')
  return passed
}

async function killAt(bench: Bench, wish: Wish, place: Place, report: Report): Promise<string[]> {
  const key = `killed-${++bench.orders}`
  const { verb } = wish
  await well(bench, key, ...before[verb])
  const untouched = await bench.backend.carryOut({ verb, key, killAt: place })
  if (untouched) report.missed.push(place)
  else report.kills += 1 + (await restart(bench, wish))
  const found = await look(bench, await well(bench, key), key)
  // What a client does that got no answer: it asks again, with the same key.
  const repeated = await well(bench, key, verb)
  found.push(...(await look(bench, repeated, key)).map(wrong => `after the request was repeated ${wrong}`))
  if (repeated.machines[key]?.wanted !== wished[verb]) found.push('the repeated request changed nothing')
  const ended = await well(bench, key, 'terminate')
  return [...found, ...(await look(bench, ended, key)).map(wrong => `after its end ${wrong}`)]
}

/** Starts the backend again; answers how often it was killed in that. */
async function restart(bench: Bench, { again }: Wish): Promise<number> {
  const backend = await startBackend(bench, again?.(bench.recovery) ?? null)
  if (backend) bench.backend = backend
  const settled = await backend?.settle()
  if (settled) {
    bench.recovery = settled.passed
    return 0
  }
  bench.backend = await started(bench)
  return 1
}

/** A Conductor gives up its folder just before its process ends, so a wrong has to last to be one. */
async function look(bench: Bench, settled: Settled, key: string): Promise<string[]> {
  const patience = AbortSignal.timeout(5_000)
  for (;;) {
    const found = lookOnce(bench, settled, key)
    if (found.length === 0 || patience.aborted) return found
    await sleep(50)
  }
}

/** What is wrong with the machine of a key: there is exactly one of it, or none, and nothing of any that is over. */
function lookOnce({ dataDir }: Bench, { machines }: Settled, key: string): string[] {
  const machinesDir = join(dataDir, 'machines')
  const rows = machines[key]
  const owned = new Set(
    Object.values(machines).flatMap(({ machine, state }) => (state === 'terminated' ? [] : machine)),
  )
  // Killed before its row was committed: then it never was.
  return [...(rows ? wrongs(machinesDir, rows, rows.wanted) : []), ...strays(machinesDir, owned)]
}

/** Nobody asked for a kill here. */
function alive(settled: Settled | null): Settled {
  if (!settled) throw new Error('the backend was killed, and not by this bench')
  return settled
}
