// Kills the backend once at every place of a verb, starts it again, and looks at what is left.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { localProvider } from '@spoq/providers/local'
import { type Backend, startBackend } from './backend.ts'
import { strays, wrongs } from './evidence.ts'
import type { Place } from './places.ts'
import type { Order, Settled } from './protocol.ts'

export interface Report {
  /** The places that one undisturbed run passes, those left out that are as good as another. */
  places: Place[]
  /** How often the backend was killed. */
  kills: number
  /** Places that a later run did not pass, so that nothing was killed there. */
  missed: Place[]
  /** What was wrong afterwards, and where it had been killed. */
  wrongs: string[]
}

export interface Wish {
  verb: Order['verb']
  /** Which of the places; default: all. */
  choose?: (places: Place[]) => Place[]
  /** Where to kill the backend again, while it starts after the first kill. */
  again?: (places: Place[]) => Place | null
  tell?: (line: string) => void
}

/** One data folder for all kills: what one leaves is there when the next one comes, as in life. */
export async function killEverywhere(wish: Wish): Promise<Report> {
  const dataDir = mkdtempSync(join(tmpdir(), 'spoq-crash-'))
  mkdirSync(join(dataDir, 'machines'))
  const bench = { dataDir, backend: await started(dataDir), recovery: [] as Place[], orders: 0 }
  try {
    await undisturbed(bench, wish.verb, 'first')
    const places = distinct(await undisturbed(bench, wish.verb, 'second'))
    const report: Report = { places, kills: 0, missed: [], wrongs: [] }
    for (const place of wish.choose?.(places) ?? places) {
      const found = await killAt(bench, wish, place, report).catch(cause => {
        throw new Error(`killed ${place}: ${cause.message}`, { cause })
      })
      report.wrongs.push(...found.map(wrong => `killed ${place}: ${wrong}`))
      wish.tell?.(`${wish.verb} killed ${place}: ${found.join('; ') || 'well'}`)
    }
    return report
  } finally {
    await bench.backend.end()
    await endMachines(dataDir)
    rmSync(dataDir, { recursive: true })
  }
}

/** A bench that gave up in the middle leaves no Conductor behind. */
async function endMachines(dataDir: string): Promise<void> {
  const conductor = { node: process.execPath, entry: '' }
  const provider = localProvider({ machinesDir: join(dataDir, 'machines'), conductor, now: Date.now })
  for (const { ref } of await provider.list()) await provider.terminate(ref)
}

interface Bench {
  dataDir: string
  backend: Backend
  /** The places of the last start after a kill. */
  recovery: Place[]
  orders: number
}

const provision = (key: string, killAt: Place | null = null): Order => ({ verb: 'provision', key, killAt })
const terminate = (key: string, killAt: Place | null = null): Order => ({ verb: 'terminate', key, killAt })

async function started(dataDir: string): Promise<Backend> {
  const backend = await startBackend(dataDir)
  if (!backend) throw new Error('the backend was killed, and not by this bench')
  return backend
}

/** From the end of one call to the begin of the next nothing happens that could be seen after a kill. */
const distinct = (places: Place[]) => places.filter((place, at) => at === 0 || place.startsWith('after '))

/** Runs both verbs without a kill and answers the places of the one that is asked for. */
async function undisturbed({ backend }: Bench, verb: Order['verb'], key: string): Promise<Place[]> {
  const made = alive(await backend.carryOut(provision(key)))
  const ended = alive(await backend.carryOut(terminate(key)))
  return (verb === 'provision' ? made : ended).passed
}

async function killAt(bench: Bench, wish: Wish, place: Place, report: Report): Promise<string[]> {
  const key = `killed-${++bench.orders}`
  if (wish.verb === 'terminate') alive(await bench.backend.carryOut(provision(key)))
  const untouched = await bench.backend.carryOut({ verb: wish.verb, key, killAt: place })
  if (untouched) report.missed.push(place)
  else report.kills += 1 + (await restart(bench, wish))
  const found = await look(bench, alive(await bench.backend.settle()), wish.verb, key)
  // What a client does that got no answer: it asks again, with the same key.
  const repeated = alive(await bench.backend.carryOut({ verb: wish.verb, key, killAt: null }))
  found.push(...(await look(bench, repeated, wish.verb, key)).map(wrong => `after the request was repeated ${wrong}`))
  const machine = repeated.machines[key]
  if (!machine) found.push('the repeated request made nothing')
  if (wish.verb === 'terminate') return found
  const ended = alive(await bench.backend.carryOut(terminate(key)))
  return [...found, ...(await look(bench, ended, 'terminate', key)).map(wrong => `after its end ${wrong}`)]
}

/** Starts the backend again; answers how often it was killed in that. */
async function restart(bench: Bench, { again }: Wish): Promise<number> {
  const backend = await startBackend(bench.dataDir, again?.(bench.recovery) ?? null)
  if (backend) bench.backend = backend
  const settled = await backend?.settle()
  if (settled) {
    bench.recovery = settled.passed
    return 0
  }
  bench.backend = await started(bench.dataDir)
  return 1
}

/** A Conductor gives up its folder just before its process ends, so a wrong has to last to be one. */
async function look(bench: Bench, settled: Settled, verb: Order['verb'], key: string): Promise<string[]> {
  const patience = AbortSignal.timeout(5_000)
  for (;;) {
    const found = lookOnce(bench, settled, verb, key)
    if (found.length === 0 || patience.aborted) return found
    await sleep(50)
  }
}

/** What is wrong with the machine of a key: there is exactly one of it, or none, and nothing of any that is over. */
function lookOnce({ dataDir }: Bench, { machines }: Settled, verb: Order['verb'], key: string): string[] {
  const machinesDir = join(dataDir, 'machines')
  const rows = machines[key]
  const owned = new Set(
    Object.values(machines).flatMap(({ machine, state }) => (state === 'terminated' ? [] : machine)),
  )
  // Killed before its row was committed: then it never was.
  const expected = verb === 'provision' || rows?.wanted === 'running' ? 'running' : 'terminated'
  return [...(rows ? wrongs(machinesDir, rows, expected) : []), ...strays(machinesDir, owned)]
}

/** Nobody asked for a kill here. */
function alive(settled: Settled | null): Settled {
  if (!settled) throw new Error('the backend was killed, and not by this bench')
  return settled
}
