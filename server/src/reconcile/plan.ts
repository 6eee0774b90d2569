// What to do next about one machine: what is wanted and what is seen in, one action out. Pure: every rule of the
// reconciler is here, and every test of a rule is a call.

import type { Hold, MachineState, WantedState } from '@spoq/contracts/machine'
import type { Capabilities, Resource } from '@spoq/providers'
import type { Addresses } from '@spoq/providers/dns'
import type { Told } from '../access/tell.ts'
import { aim } from '../machine/state.ts'
import { warmStage } from '../machine/unclaimed.ts'
import type { Renewal, SetUpSeen } from '../setup/open.ts'
import type { TaskRow } from '../task/store.ts'

/** What the plan reads of a machine's row; times in ms. */
export interface Wanted {
  state: MachineState
  /** Whether it is made ahead, and nobody's yet. */
  isUnclaimed: boolean
  wanted: WantedState
  holds: readonly Hold[]
  /** It runs whatever is wanted, for its final backup. */
  copying?: boolean
  /** The resource that is this machine; null while there is none. */
  ref: string | null
  /** Whether it is known to take the tokens of this backend, at the address that this has now. */
  configured: boolean
  endpoint: string | null
  /** Tries since the machine was last as it should be. */
  attempts: number
  nextAttemptAt: number | null
  createSentAt: number | null
  /** Why the last try failed; not of one to set a machine up again, which is no fault of what runs. */
  error: string | null
  /** Whether it was told who may use it as that is now; null: nobody tells it. */
  access: Told | null
  /** Of a provider whose servers become machines by a set-up: how that stands. Null: it was never begun, or none is needed. */
  setUp: SetUpSeen | null
  /** What a person is told is being done. */
  stage: string | null
  /** What is to be done to it once, next. */
  task: TaskRow | null
  /** Its full name in the DNS, and what stands there for it now. Null: names of machines stand nowhere. */
  dns: { name: string; published: string | null } | null
}

export type Action =
  | { kind: 'none' }
  /** Nothing to do before then. */
  | { kind: 'wait'; until: number }
  | { kind: 'create' }
  /** This resource is the machine. `anew`: its set-up, which failed, begins again over SSH. */
  | { kind: 'adopt'; resource: Resource; anew?: true }
  /** It has to be told whose tokens it takes, which starts it too. */
  | { kind: 'configure'; resource: Resource }
  | { kind: 'resume'; resource: Resource }
  | { kind: 'suspend'; resource: Resource }
  /** All of them: the machine ends. */
  | { kind: 'terminate'; resources: readonly Resource[] }
  /** They cannot be ended: the machine is over without that. */
  | { kind: 'abandon'; resources: readonly Resource[] }
  /** These are one too many: of a machine that has another, or that is over. */
  | { kind: 'remove-extra'; resources: readonly Resource[] }
  /** It is as it should be; only the row does not say so yet. */
  | { kind: 'settle'; to: MachineState; endpoint: string | null; reason?: string }
  /** It runs and is nobody's: it may be claimed. */
  | { kind: 'warm' }
  /** It runs, and is to be told who may use it, `at` where this backend reaches it. */
  | { kind: 'tell'; endpoint: string | null; at: string }
  /** Its addresses are to stand in the DNS, and are these, in short, then. */
  | { kind: 'publish'; name: string; addresses: Addresses; text: string }
  | { kind: 'withdraw'; name: string }
  /** Its server is to be set up over SSH, or is at it. `renews`: it is a machine already, and stays one whatever becomes of it. */
  | { kind: 'set-up'; resource: Resource; renews: boolean }
  /** Its server is at this with its set-up. */
  | { kind: 'show'; stage: string }
  | { kind: 'task'; task: TaskRow; resource: Resource }
  | { kind: 'fail'; message: string }
  /** Nothing goes on until a person has seen to it at the provider. */
  | { kind: 'report'; message: string }

/** Tries before a machine is given up until its owner starts it again: two minutes, with `backoffMs`. */
export const maxAttempts = 8
/** How soon to look again at what is in the making, where the provider does not say. */
export const pollMs = 1_000
/** And at what waits for a person. */
export const strandedMs = 60_000

/** The next action. `all` is everything at the provider that carries this machine's tag. */
export function plan(row: Wanted, all: readonly Resource[], capabilities: Capabilities, now: number): Action {
  const seen = all.filter(({ state }) => state !== 'ending')
  const decided = decide(row, seen, capabilities, now)
  const action = restarting(row, seen, now) ?? (decided.kind === 'none' ? tasked(row, seen, now) : decided)
  if (action.kind !== 'settle' || action.to !== 'terminated') return paced(row, action, now)
  // Cancelled and wiped is as much of an end as this provider has.
  const endsAt = all.find(({ state }) => state === 'ending')?.endsAt
  return endsAt === undefined
    ? action
    : { ...action, reason: `cancelled; the provider keeps it, wiped, until ${endsAt}` }
}

function decide(row: Wanted, seen: readonly Resource[], capabilities: Capabilities, now: number): Action {
  if (row.state === 'terminated') return seen.length > 0 ? { kind: 'remove-extra', resources: seen } : { kind: 'none' }
  const surfaces = row.createSentAt === null ? 0 : row.createSentAt + capabilities.listLagMs
  if (aimOf(row) === 'terminated') return ending(row, seen, surfaces, capabilities, now)
  if (row.state === 'failed') return { kind: 'none' }
  const ours = chosen(row, seen)
  if (!ours) return missing(row, surfaces, capabilities, now)
  const extra = seen.filter(resource => resource !== ours)
  if (extra.length > 0) return { kind: 'remove-extra', resources: extra }
  if (mustBeReplaced(row, capabilities)) return { kind: 'remove-extra', resources: [ours] }
  if (mustBeginAnew(row, capabilities)) return { kind: 'create' }
  return ours.ref === row.ref && row.state !== 'pending'
    ? present(row, ours, surfaces, capabilities, now)
    : { kind: 'adopt', resource: ours, ...(mustBeRetried(row, ours, capabilities) ? { anew: true } : {}) }
}

/**
 * One that hangs looks as if it was coming up, and one that is stopped for it as if it was to be started: a restart that was
 * begun goes on before anything else.
 */
function restarting(row: Wanted, seen: readonly Resource[], now: number): Action | null {
  const isDown = seen.some(({ ref, state }) => ref === row.ref && state !== 'running')
  const isWanted = row.task?.kind === 'restart' && row.state === 'running' && aimOf(row) === 'running'
  return isDown && isWanted ? tasked(row, seen, now) : null
}

/** At rest there is time for what is to be done once. */
function tasked(row: Wanted, seen: readonly Resource[], now: number): Action {
  const { task, state } = row
  const resource = seen.find(({ ref }) => ref === row.ref)
  if (!task || !resource || (state !== 'running' && state !== 'stopped')) return { kind: 'none' }
  const due = task.next_attempt_at?.getTime() ?? now
  return due > now ? { kind: 'wait', until: due } : { kind: 'task', task, resource }
}

/** A create whose answer was lost may still surface: the machine is not over before that cannot be. */
function ending(
  { dns, attempts }: Wanted,
  seen: readonly Resource[],
  surfaces: number,
  { abandons }: Capabilities,
  now: number,
): Action {
  if (seen.length > 0 && abandons && attempts >= maxAttempts) return { kind: 'abandon', resources: seen }
  if (seen.length > 0) return { kind: 'terminate', resources: seen }
  if (dns?.published) return { kind: 'withdraw', name: String(dns.published.split(' ')[0]) }
  return now < surfaces ? { kind: 'wait', until: surfaces } : { kind: 'settle', to: 'terminated', endpoint: null }
}

/** Nothing is seen. What never ran is made anew; what ran held somebody's files, so that only its owner says "again". */
function missing(row: Wanted, surfaces: number, { afterLostCreate }: Capabilities, now: number): Action {
  if (now < surfaces) return { kind: 'wait', until: surfaces }
  const wasOrdered = row.createSentAt !== null
  if (row.state === 'pending' || row.state === 'provisioning')
    return wasOrdered && afterLostCreate === 'person' ? stranded(row, orderLost, now) : { kind: 'create' }
  return { kind: 'fail', message: 'The provider no longer has this machine.' }
}

const orderLost =
  'The order got no answer, and the provider does not show the machine. It is not ordered twice: whoever runs this server has to look.'

/** Told once, and looked at again now and then: a person may have seen to it. */
function stranded(row: Wanted, message: string, now: number): Action {
  return row.error === message ? { kind: 'wait', until: now + strandedMs } : { kind: 'report', message }
}

function present(row: Wanted, ours: Resource, surfaces: number, capabilities: Capabilities, now: number): Action {
  const to = aimOf(row)
  if (ours.stuck) return stranded(row, ours.reason ?? 'The provider does not go on with it by itself.', now)
  if (ours.state === 'creating') return { kind: 'wait', until: now + (capabilities.pollMs ?? pollMs) }
  const unpublished = publishing(row, ours)
  if (unpublished) return unpublished
  if (to === 'running' && row.setUp) return settingUp(row, row.setUp, ours, capabilities, now)
  if (to === 'running' && !row.configured) return configuring(ours, surfaces, now)
  if (to === 'running') return ours.state === 'running' ? running(row, ours, now) : { kind: 'resume', resource: ours }
  return ours.state === 'running' ? { kind: 'suspend', resource: ours } : settled(row, to, row.endpoint)
}

/** Its name leads to its addresses before anything else: certificates are made out to it. */
function publishing({ dns }: Wanted, { addresses = {} }: Resource): Action | null {
  if (!dns || (!addresses.v4 && !addresses.v6)) return null
  const text = `${dns.name} ${addresses.v4 ?? '-'} ${addresses.v6 ?? '-'}`
  return dns.published === text ? null : { kind: 'publish', name: dns.name, addresses, text }
}

/** It runs once its server said that it is done, and answers. */
function settingUp(row: Wanted, setUp: SetUpSeen, ours: Resource, capabilities: Capabilities, now: number): Action {
  const renewal = setUp.state === 'done' && isReached(setUp, ours, capabilities) ? setUp.renewal : null
  if (!row.configured && !renewal) return { kind: 'fail', message: movedAway }
  if (ours.state !== 'running') return { kind: 'resume', resource: ours }
  if (renewal) return renewing(row, setUp.endpoint, renewal, ours, now)
  if (setUp.state === 'done') return running(row, { endpoint: setUp.endpoint }, now)
  // Over SSH nobody is silent: it is asked.
  const isOverSsh = capabilities.setUp === 'ssh' || setUp.isOverSsh
  if (isOverSsh && (setUp.state === 'running' || setUp.isSilent))
    return { kind: 'set-up', resource: ours, renews: false }
  if (setUp.state === 'failed') return { kind: 'fail', message: setUp.reason }
  const { stage, until } = setUp
  return stage === null || stage === row.stage ? { kind: 'wait', until } : { kind: 'show', stage }
}

/**
 * It was set up for another name or another address of ours. It runs as it is meanwhile, where it takes our tokens: who may
 * use it is told first, and what is to be done to it does not wait for a try that failed.
 */
function renewing(row: Wanted, endpoint: string, { notBefore }: Renewal, ours: Resource, now: number): Action {
  const before = row.configured ? running(row, { endpoint }, now) : null
  if (before && before.kind !== 'none' && before.kind !== 'wait') return before
  if (notBefore === null || notBefore <= now) return { kind: 'set-up', resource: ours, renews: true }
  if (before?.kind === 'none' && row.task) return before
  return { kind: 'wait', until: before?.kind === 'wait' ? Math.min(before.until, notBefore) : notBefore }
}

/** A backend may go there over SSH: who it is to meet is known. */
const isReached = ({ isKnown }: SetUpSeen, { addresses }: Resource, { setUp }: Capabilities) =>
  setUp === 'ssh' || (isKnown && (addresses?.v4 ?? addresses?.v6) !== undefined)

const movedAway = 'This server has another address now than the one that the machine was set up with.'

/** Its owner starts it again after a set-up that failed: there is nothing of anybody's on it, and another may do better. */
const mustBeReplaced = (row: Wanted, { deletes, setUp }: Capabilities) =>
  setUp !== 'ssh' && deletes === 'now' && row.setUp?.state === 'failed' && isStartedAgain(row)

/** The same, where the server is its owner's and there is no other: its set-up goes over it once more. */
const mustBeginAnew = (row: Wanted, { setUp }: Capabilities) =>
  setUp === 'ssh' && (row.setUp?.state === 'failed' || !row.configured) && isStartedAgain(row)

/** The same, where the server cannot be replaced by another at once. */
const mustBeRetried = (row: Wanted, ours: Resource, capabilities: Capabilities) =>
  capabilities.setUp === 'script' &&
  isStartedAgain(row) &&
  row.setUp !== null &&
  row.setUp.state !== 'done' &&
  (row.setUp.state === 'failed' || !row.configured) &&
  isReached(row.setUp, ours, capabilities)

const isStartedAgain = (row: Wanted) => row.state === 'pending' && aimOf(row) === 'running'

const aimOf = ({ wanted, holds, copying }: Wanted) => aim(wanted, holds, copying)

/** It is a create that does it, and one that does not see yet what is there would make another machine. */
function configuring(ours: Resource, surfaces: number, now: number): Action {
  return now < surfaces ? { kind: 'wait', until: surfaces } : { kind: 'configure', resource: ours }
}

/** One that has just started is told first whatever it was told before: nobody is let in by what it remembers. */
function running(row: Wanted, { endpoint, socket }: Pick<Resource, 'endpoint' | 'socket'>, now: number): Action {
  if (row.isUnclaimed && isWarm(row)) return { kind: 'none' }
  const settling: Action = row.isUnclaimed ? { kind: 'warm' } : settled(row, 'running', endpoint)
  // On this very computer it may have no address that others reach it by. A gateway leads to names, and this has none yet.
  const elsewhere = row.isUnclaimed ? null : endpoint
  const at = socket === undefined ? elsewhere : `unix:${socket}`
  if (row.access === null || at === null) return settling
  const { told, notBefore } = row.access
  // Nobody was let in by it yet.
  if (row.isUnclaimed && told) return settling
  if (row.state === 'running' && (settling.kind !== 'none' || told)) return settling
  return notBefore !== null && now < notBefore ? { kind: 'wait', until: notBefore } : { kind: 'tell', endpoint, at }
}

/** It was told that nobody may use it, and is never said to run before it is somebody's. */
const isWarm = ({ stage, attempts, error }: Wanted) => stage === warmStage && attempts === 0 && error === null

function settled(row: Wanted, to: MachineState, endpoint: string | null): Action {
  // Left by a backend that died while it set its server up again.
  const isLate = to === 'running' && row.setUp !== null && row.stage !== null && row.task === null
  const said = row.state === to && row.endpoint === endpoint && row.attempts === 0 && row.error === null && !isLate
  return said ? { kind: 'none' } : { kind: 'settle', to, endpoint }
}

/** One of several: the one that the row names, else one that runs, else the first by name: the same at every look. */
function chosen(row: Wanted, seen: readonly Resource[]): Resource | undefined {
  const rank = ({ ref, state }: Resource) => (ref === row.ref ? 0 : state === 'running' ? 1 : 2)
  return [...seen].sort((a, b) => rank(a) - rank(b) || (a.ref < b.ref ? -1 : 1))[0]
}

/** What makes or starts a machine, and is given up after so many tries. */
export const isStart = (action: Action) =>
  action.kind === 'create' || action.kind === 'configure' || action.kind === 'resume'

/** What asks the provider for something is tried with growing pauses; making and starting only so often. */
function paced(row: Wanted, action: Action, now: number): Action {
  if (action.kind === 'none' || action.kind === 'wait' || action.kind === 'adopt') return action
  if (action.kind === 'settle' || action.kind === 'tell' || action.kind === 'fail') return action
  if (action.kind === 'report' || action.kind === 'task' || action.kind === 'show') return action
  if (action.kind === 'warm') return action
  if (isStart(action) && row.attempts >= maxAttempts) return { kind: 'fail', message: reason(row, action) }
  if (row.nextAttemptAt !== null && now < row.nextAttemptAt) return { kind: 'wait', until: row.nextAttemptAt }
  return action
}

function reason(row: Wanted, action: Action): string {
  const said = 'resource' in action ? action.resource.reason : undefined
  return said ?? row.error ?? `It did not come up in ${row.attempts} tries.`
}
