// One run: a verb, struck at one place; a recovery, perhaps struck too; and a look at what is left.

import type { Database } from '@spoq/server/db/open'
import { end } from '@spoq/server/ending/end'
import { keep } from '@spoq/server/ending/keep'
import { create } from '@spoq/server/machine/create'
import type { MachinePorts } from '@spoq/server/machine/ports'
import { rename } from '@spoq/server/machine/rename'
import { start } from '@spoq/server/machine/start'
import { stop } from '@spoq/server/machine/stop'
import { terminate } from '@spoq/server/machine/terminate'
import { maxAttempts } from '@spoq/server/reconcile/plan'
import { removeSnapshot, resize, restore, rotate, takeSnapshot } from '@spoq/server/task/ask'
import { restart } from '@spoq/server/task/restart'
import { farAway, isAtRest, machineOf } from '../rows.ts'
import type { Strike } from './gate.ts'
import { begin, type Incarnation, where } from './incarnation.ts'
import { look } from './look.ts'
import { type Mutant, none } from './mutants.ts'
import { putWarm } from './pool.ts'
import { domain, hostKey } from './server.ts'
import { asker, key, nobody, openWorld, other, otherKey, type Shared, type Weather, type World } from './world.ts'

const once = ['resize', 'restart', 'rotate', 'snapshot', 'restore', 'unsnapshot'] as const
const graces = ['end', 'keep'] as const
/** Of a server that is set up over SSH. */
export const overSsh = ['set-up', 'renew', 'abandon'] as const
export const verbs = ['provision', 'stop', 'start', 'terminate', ...once, ...graces, 'claim', ...overSsh] as const
export type Verb = (typeof verbs)[number]

export interface Plan extends Weather {
  verb: Verb
  /** Where it is struck. */
  strikes: readonly Strike[]
  /** And where in the recovery, if it was killed. */
  again: readonly Strike[]
}

export interface Outcome {
  wrongs: string[]
  /** The places from the order until all was at rest. */
  passed: readonly string[]
  /** Those of the recovery, from its start until all was at rest. */
  recovery: readonly string[]
  /** How many strikes were met. */
  met: number
}

/** Runs one plan. Whatever an earlier run left in the database is removed first. */
export async function run(shared: Shared, plan: Plan, mutant: Mutant = none): Promise<Outcome> {
  await empty(shared.database)
  const isGrace = plan.verb === 'end' || plan.verb === 'keep'
  const servers = serversOf(plan.verb)
  const at = plan.verb === 'renew' || plan.verb === 'abandon' ? `https://machine.${domain}` : null
  const world = openWorld(shared, plan, mutant, { endings: isGrace, pooled: plan.verb === 'claim', servers, at })
  if (plan.verb === 'claim') await putWarm(world)
  else if (!makes(plan.verb)) await put(world, before[plan.verb] ?? 'running')
  if (plan.lag) world.pass(10_000)
  const orphan = world.cloud.put(nobody, where.issuer)
  const life: Life = { world, plan, now: await begin(world), lives: 0, met: [], passed: [], recovery: [] }
  try {
    const wrongs = await carryOut(life)
    const kept = world.cloud.all().some(({ ref }) => ref === orphan.ref)
    if (kept === plan.sweep)
      wrongs.push(kept ? "what is nobody's stays" : "what is nobody's went, and the sweep was off")
    return { wrongs, passed: life.passed, recovery: life.recovery, met: life.met.length }
  } finally {
    await life.now.end()
  }
}

/** The snapshot that each machine has from before. */
export const taken = 'task_00000000000000000000'

interface Life {
  world: World
  plan: Plan
  now: Incarnation
  /** How many backends there were until now. */
  lives: number
  met: Strike[]
  passed: readonly string[]
  recovery: readonly string[]
}

async function carryOut(life: Life): Promise<string[]> {
  const { world, plan } = life
  await idle(life.now)
  life.now.gate.arm(plan.strikes)
  await order(life)
  const atRest = await rest(life)
  collect(life)
  if (!atRest) return [`it does not come to rest: ${JSON.stringify(await machineRow(world))}`]
  life.now.gate.arm([])
  const cancelled = life.met.some(({ blow }) => blow === 'meanwhile')
  // It came before there was a machine: then it comes now.
  if (cancelled && (await world.cancelled())) {
    await world.meanwhile('turn')
    if (!(await rest(life))) return ['cancelled at last, it does not come to rest']
  }
  if (!(await later(life, plan.sweep ? 100_000 : 40_000))) return ['it does not stay at rest']
  const wrongs = await look(world, cancelled ? 'terminate' : null)
  if (cancelled) return wrongs
  await order(life)
  if (!(await rest(life))) return [...wrongs, 'after the request was repeated it does not come to rest']
  if (!(await later(life, 10_000))) return [...wrongs, 'after the request was repeated it does not stay at rest']
  return [...wrongs, ...(await look(world, plan.verb)).map(wrong => `after the request was repeated ${wrong}`)]
}

/** The owner asks; what the answer is does not matter here, and there may be none. */
async function order({ world, plan, now }: Life): Promise<void> {
  await Promise.race([ask(world, plan, now), now.gate.killed]).catch(() => {})
}

async function ask({ database }: World, { verb }: Plan, { machines, endings }: Incarnation): Promise<void> {
  if (verb === 'provision' || verb === 'set-up') await create(machines, asker, {}, key)
  if (verb === 'claim')
    return void (await Promise.all([create(machines, asker, {}, key), create(machines, other, {}, otherKey)]))
  const machine = await machineOf(database, key)
  if (!machine || verb === 'provision' || verb === 'set-up') return
  if (verb === 'end' || verb === 'keep') await { end, keep }[verb](endings, asker, machine)
  else await asks[verb](machines, asker, machine)
}

/** What is asked for; a snapshot that is put back or removed was taken before. */
const asks = {
  stop,
  start,
  terminate,
  abandon: terminate,
  renew: (ports: MachinePorts, by: typeof asker, machine: string) => rename(ports, by, machine, 'another-name'),
  restart,
  rotate,
  resize: (ports: MachinePorts, by: typeof asker, machine: string) => resize(ports, by, machine, { size: 'large' }),
  snapshot: (ports: MachinePorts, by: typeof asker, machine: string) => takeSnapshot(ports, by, machine, 'again'),
  restore: (ports: MachinePorts, by: typeof asker, machine: string) => restore(ports, by, machine, taken),
  unsnapshot: (ports: MachinePorts, by: typeof asker, machine: string) => removeSnapshot(ports, by, machine, taken),
}

/** Lets time pass until nothing is left to do; a backend that was killed is started again. */
async function rest(life: Life): Promise<boolean> {
  for (let looks = 0; looks < 120 && calm(life); looks++) {
    await comeBack(life)
    await life.now.deliver()
    await idle(life.now)
    if (life.now.gate.dead) continue
    if (await isAtRest(life.world.database)) return true
    if (!(await life.world.advance())) return false
  }
  return false
}

/** Many times the calls of any good run: one that only goes round and round must not keep the bench. */
const calm = ({ now }: Life) => now.gate.passed.length < 1_500

/** Lets time pass, whatever happens in it. */
async function later(life: Life, ms: number): Promise<boolean> {
  const until = life.world.clock.now() + ms
  for (let looks = 0; await life.world.advance(until); looks++) {
    if (looks > 120 || !calm(life)) return false
    await idle(life.now)
  }
  return rest(life)
}

/** Takes down what the gate of this life saw. */
function collect(life: Life): void {
  const { passed, met } = life.now.gate
  life.lives += 1
  life.met.push(...met)
  if (life.lives === 1) life.passed = passed
  if (life.lives === 2) life.recovery = passed
}

async function comeBack(life: Life): Promise<void> {
  const { world, plan } = life
  while (life.now.gate.dead) {
    collect(life)
    await life.now.end()
    life.now = await begin(world, life.lives === 1 ? plan.again : [])
  }
}

/** Waits until every call is answered and no other follows. */
async function idle({ gate }: Incarnation): Promise<void> {
  for (let quiet = 0; quiet < 3 && !gate.dead; ) {
    await new Promise(setImmediate)
    quiet = gate.open === 0 ? quiet + 1 : 0
  }
}

async function machineRow({ database }: World) {
  return database.db.selectFrom('machine').selectAll().execute()
}

/** The audit is append-only, so its records stay; they are of machines that are no more. */
async function empty({ query }: Database): Promise<void> {
  await query(
    'DELETE FROM machine; DELETE FROM claimed_name; DELETE FROM machine_task; DELETE FROM backup; DELETE FROM crash_wake; DELETE FROM crash_witness',
  )
}

async function putSetUp({ database, server }: World, machine_id: string, at: Date): Promise<void> {
  const [made_endpoint, made_issuer] = [server?.endpoint() ?? '', where.issuer]
  const row = { machine_id, round: 1, token_hash: '', over_ssh: true, attempts: 0, log: '', host_key: hostKey }
  const made = { made_endpoint, made_issuer, endpoint: made_endpoint, issuer: made_issuer, done_at: at }
  const rest = { begun_at: at, expires_at: at, heard_at: at, stage: null, error: null, release: null }
  await database.db
    .insertInto('machine_setup')
    .values({ ...row, ...made, ...rest, next_attempt_at: null })
    .execute()
}

/** What makes a machine, where there was none. */
const makes = (verb: Verb) => verb === 'provision' || verb === 'set-up'

const serversOf = (verb: Verb) =>
  verb === 'abandon' ? 'lost' : (overSsh as readonly Verb[]).includes(verb) ? 'there' : null

/** How the machine is before; running else. */
const before: Partial<Record<Verb, Before>> = { start: 'stopped', keep: 'suspended', abandon: 'terminating' }

type Before = 'running' | 'stopped' | 'suspended' | 'terminating'

const wantedOf = { running: 'running', stopped: 'stopped', suspended: 'running', terminating: 'terminated' } as const

const grace = { endsAt: farAway, copy: 'none', backup: null, nextAt: null, extended: false, reason: null, told: false }

/** A machine as its making left it; suspended: in its grace; terminating: its end was tried in vain, until now. */
async function put(world: World, state: Before): Promise<void> {
  const id = `mach_${crypto.randomUUID().replaceAll('-', '')}`
  const { ref, endpoint } = world.cloud.put(id, where.issuer)
  if (state === 'stopped' || state === 'suspended') await world.cloud.suspend(ref)
  const at = new Date(world.clock.now())
  const tries =
    state === 'terminating' ? { attempts: maxAttempts, next_attempt_at: new Date(world.clock.now() + 5_000) } : {}
  const row = {
    id,
    account_id: asker.account,
    name: 'machine',
    provider: 'local',
    template: 'spoq',
    wanted: wantedOf[state],
    holds: state === 'suspended' ? '["ending"]' : '[]',
    ending: state === 'suspended' ? JSON.stringify(grace) : null,
  } as const
  const address = world.server?.endpoint() ?? endpoint
  const made = { provider_ref: ref, issuer: where.issuer, endpoint: address, create_sent_at: at, request_key: key }
  const times = { created_at: at, updated_at: at }
  await world.database.db
    .insertInto('machine')
    .values({ ...row, ...made, ...times, ...tries, state })
    .execute()
  if (world.server) await putSetUp(world, id, at)
  await world.cloud.snapshot?.(ref, taken)
  const task = { id: taken, machine_id: id, kind: 'snapshot', argument: 'before', state: 'done' } as const
  await world.database.db
    .insertInto('machine_task')
    .values({ ...task, provider_ref: taken, created_at: at })
    .execute()
  const told = { at, actor: 'bench', action: 'machine.create', resource: id, to_state: state }
  await world.database.db.insertInto('audit_record').values(told).execute()
}
