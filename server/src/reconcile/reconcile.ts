// Brings one machine to what is wanted of it: look, plan, act, until nothing is left to do now.

import type { ProvisioningProvider, Resource } from '@spoq/providers'
import type { MachineRow } from '../db/tables.ts'
import { textOf } from '../log.ts'
import { releaseLease, takeLease } from '../machine/lease.ts'
import { StaleRow } from '../machine/move.ts'
import { findMachine } from '../machine/store.ts'
import { nextTasks } from '../task/store.ts'
import { act } from './act/act.ts'
import { messageOf, noteFailure, said } from './failure.ts'
import { handOver } from './hand-over.ts'
import { observe, reachable } from './observe.ts'
import { type Action, plan, type Wanted } from './plan.ts'
import type { ReconcilePorts } from './ports.ts'
import { type Step, write } from './step.ts'

/** When somebody else works on the machine, or the provider cannot be asked. */
const laterMs = 5_000
/** How often one that waits for its turn is looked at. */
const queueMs = 30_000
/** Many times what any way through the plan takes; a plan that never comes to rest must not keep the loop. */
const mostSteps = 30

/** Reconciles one machine, `claimed` just now or not. Answers when to look again, in ms; null when nothing is due. */
export async function reconcileMachine(
  ports: ReconcilePorts,
  machine: string,
  claimed?: MachineRow,
): Promise<number | null> {
  const { db, lease, now, databaseNow } = ports
  if (claimed && (await handOver(ports, claimed))) return null
  if (!(await findMachine(db, machine))) return null
  // First theirs: what passes until ours is read makes a wait longer, never shorter.
  const theirs = await databaseNow()
  const ahead = now() - theirs
  if (!(await takeLease(db, machine, lease, theirs))) return now() + laterMs
  let isQueued = false
  try {
    const next = await untilAtRest(ports, machine, ahead)
    isQueued = next?.isQueued === true
    return next?.until ?? null
  } finally {
    await releaseLease(db, machine, lease)
    if (!isQueued) ports.turns?.leave(machine)
  }
}

/** When to look again. */
interface Rest {
  until: number
  /** Its turn to be made has not come. */
  isQueued?: true
}

async function untilAtRest(ports: ReconcilePorts, machine: string, ahead: number): Promise<Rest | null> {
  let seen: Resource[] | undefined
  for (let step = 0; step < mostSteps; step++) {
    const { next, ...looked } = await oneStep(ports, machine, ahead, seen).catch(staleMeansAgain)
    // What was seen at the provider stays so until something is done there.
    seen = ownDeeds.has(next.kind) ? looked.seen : undefined
    if (next.kind === 'none') return null
    if (next.kind === 'wait') return next
    if (next.kind === 'queue') return { until: next.until, isQueued: true }
  }
  ports.log('error', 'machine.restless', { machine })
  return { until: ports.now() + laterMs }
}

/** What is done without the provider. */
const ownDeeds: ReadonlySet<string> = new Set<Action['kind']>(['tell', 'settle', 'show', 'warm'])

interface Stepped {
  /** What was planned. */
  next: Action | Queued | { kind: 'again' }
  seen?: Resource[]
}

/** One look, where it was not looked just before, and one action. */
async function oneStep(ports: ReconcilePorts, machine: string, ahead: number, before?: Resource[]): Promise<Stepped> {
  const row = await findMachine(ports.db, machine)
  // Another has it: this backend was silent for too long.
  if (row?.lease_owner !== ports.lease.owner) return { next: { kind: 'none' } }
  const provider = ports.providers.get(row.provider)
  if (!provider) return { next: unoffered(ports, row) }
  const step: Step = { ...ports, provider, row }
  const seen = before ?? (await observe(provider, row).catch(error => unseen(step, error)))
  if (!seen) return { next: { kind: 'wait', until: ports.now() + laterMs } }
  const known = await lookFurther(ports, provider, [row])
  const found = reachable(seen, provider, ports.tunnels?.endpointOf(row) ?? null)
  const next = plan(wantedOf(row, ports, known(row.id), ahead), found, provider.capabilities, ports.now())
  if (next.kind === 'none' || next.kind === 'wait') return { next }
  // It would take minutes, and the next backend does it as well.
  if (next.kind === 'set-up' && ports.ending?.aborted) return { next: { kind: 'none' } }
  const others = next.kind === 'create' ? (ports.turns?.take(row, provider.capabilities.createsAtOnce) ?? null) : null
  if (others !== null) return { next: await queued(step, others) }
  await act(step, next).catch(async error => {
    if (error instanceof StaleRow) throw error
    await noteFailure(step, next, error)
  })
  return { next, seen }
}

interface Queued {
  kind: 'queue'
  until: number
}

/** Its owner is told how many are before it, as often as everything is looked at; when its turn comes it is called. */
async function queued(step: Step, before: number): Promise<Queued> {
  const stage = before === 0 ? waiting : `${waiting}, ${before} before it`
  if (step.row.stage !== stage) await write(step, { stage })
  return { kind: 'queue', until: step.now() + queueMs }
}

const waiting = 'waiting for its turn'

/** The provider does not say what it has: the owner is told, and nothing is done on a guess. */
async function unseen(step: Step, error: unknown): Promise<undefined> {
  const { log, row } = step
  log('warn', 'machine.unseen', { machine: row.id, error: textOf(error) })
  const message = messageOf(error)
  const told = said(step, message)
  if ('error_code' in told && row.error_message !== message) await write(step, told)
}

function unoffered({ log }: ReconcilePorts, { id: machine, provider }: MachineRow): Action {
  log('error', 'machine.no-provider', { machine, provider })
  return { kind: 'none' }
}

/** Somebody changed the row meanwhile: look again, at once. */
function staleMeansAgain(error: unknown): Stepped {
  if (error instanceof StaleRow) return { next: { kind: 'again' } }
  throw error
}

/** What is known of a machine beside its row. */
export type Known = Pick<Wanted, 'access' | 'setUp' | 'task'>

/** Looks it up for these machines of one provider. */
export async function lookFurther(
  { access, setup, db }: ReconcilePorts,
  { capabilities }: ProvisioningProvider,
  rows: readonly MachineRow[],
): Promise<(machine: string) => Known> {
  const ids = rows.map(({ id }) => id)
  const [told, tasks, setUps] = await Promise.all([
    access?.look(rows),
    nextTasks(db, ids),
    (capabilities.setUp ?? 'none') === 'none' ? undefined : setup?.look(rows),
  ])
  return id => ({ access: told?.get(id) ?? null, setUp: setUps?.get(id) ?? null, task: tasks.get(id) ?? null })
}

/** What the plan of this backend reads of a row, in times of its own clock, which is `ahead` of the database's. */
export const wantedOf = (
  row: MachineRow,
  { issuer, zone, dnsNameOf }: Pick<ReconcilePorts, 'issuer' | 'zone' | 'dnsNameOf'>,
  beside: Known,
  ahead: number,
): Wanted => ({
  isUnclaimed: row.account_id === null,
  dns: dnsOf(row, zone && row.account_id !== null ? (dnsNameOf?.(row) ?? null) : null),
  ...beside,
  stage: row.stage,
  state: row.state,
  wanted: row.wanted,
  holds: row.holds,
  copying: row.ending?.copy === 'making',
  ref: row.provider_ref,
  configured: (beside.setUp?.issuer ?? row.issuer) === issuer,
  endpoint: row.endpoint,
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at?.getTime() ?? null,
  createSentAt: row.create_sent_at ? row.create_sent_at.getTime() + ahead : null,
  error: row.error_code === 'renewal_failed' && isBehind(beside.setUp) ? null : row.error_message,
})

const isBehind = (setUp: Known['setUp']) => setUp?.state === 'done' && setUp.renewal !== null

const dnsOf = ({ published }: MachineRow, name: string | null): Wanted['dns'] =>
  name === null ? null : { name, published }
