import { holds, machineStates, wantedStates } from '@spoq/contracts/machine'
import type { Capabilities, Resource } from '@spoq/providers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backoffMs } from '../backoff.ts'
import { aim, mayMove } from '../machine/state.ts'
import type { SetUpSeen } from '../setup/open.ts'
import type { TaskRow } from '../task/store.ts'
import { type Action, maxAttempts, plan, strandedMs, type Wanted } from './plan.ts'

const now = 1_000_000
const capabilities: Capabilities = { listLagMs: 10_000, deletes: 'now', billsWhileOff: false, workloads: ['general'] }

const base: Wanted = {
  state: 'running',
  isUnclaimed: false,
  wanted: 'running',
  holds: [],
  ref: 'r1',
  configured: true,
  endpoint: 'http://127.0.0.1/r1',
  attempts: 0,
  nextAttemptAt: null,
  createSentAt: null,
  error: null,
  access: null,
  setUp: null,
  stage: null,
  task: null,
  dns: null,
}
const resource = (state: Resource['state'], ref = 'r1'): Resource => ({
  ref,
  machine: 'm',
  state,
  endpoint: `http://127.0.0.1/${ref}`,
})

/** What is planned, in a word or two. */
function planned(row: Partial<Wanted>, ...seen: Resource[]): string {
  const action = plan({ ...base, ...row }, seen, capabilities, now)
  if (action.kind === 'settle') return `settle ${action.to}`
  if (action.kind === 'wait') return `wait ${action.until - now}`
  if (action.kind === 'remove-extra' || action.kind === 'terminate')
    return `${action.kind} ${action.resources.map(({ ref }) => ref)}`
  return 'resource' in action ? `${action.kind} ${action.resource.ref}` : action.kind
}

const fresh = { state: 'pending', ref: null, endpoint: null } as const
const making = { ...fresh, state: 'provisioning' } as const
const moved = { configured: false } as const
const ending = { state: 'terminating', wanted: 'terminated' } as const

test("what is nobody's is told that over its socket before it is ready; where it has none nobody here can", () => {
  const unclaimed = { ...making, ref: 'r1', isUnclaimed: true, access: { told: false, notBefore: null } }
  const near = { ...resource('running'), socket: '/run/spoq/machines/m/edge.sock' }
  expect(plan({ ...base, ...unclaimed }, [near], capabilities, now)).toMatchObject({
    kind: 'tell',
    at: `unix:${near.socket}`,
  })
  expect(planned(unclaimed, resource('running'))).toBe('warm')
  const told = { ...unclaimed, access: { told: true, notBefore: null } }
  expect(plan({ ...base, ...told }, [near], capabilities, now)).toEqual({ kind: 'warm' })
  expect(plan({ ...base, ...told, stage: 'warm' }, [near], capabilities, now)).toEqual({ kind: 'none' })
})

test('a machine whose socket is on this computer is told there, whether or not it has an address', () => {
  const access = { told: false, notBefore: null }
  for (const endpoint of [null, 'https://m.example']) {
    const seen = { ...resource('running'), endpoint, socket: '/run/spoq/machines/m/edge.sock' }
    const action = plan({ ...base, ...making, ref: 'r1', access }, [seen], capabilities, now)
    expect(action).toEqual({ kind: 'tell', endpoint, at: 'unix:/run/spoq/machines/m/edge.sock' })
  }
})

describe('the rules', () => {
  test.each<[string, Partial<Wanted>, Resource[], string]>([
    ['a new machine is made', fresh, [], 'create'],
    ['what is there already is adopted, not made again', fresh, [resource('running')], 'adopt r1'],
    ['a create without an answer may yet surface', { ...making, createSentAt: now - 1 }, [], 'wait 9999'],
    ['after that it is sent again', { ...making, createSentAt: now - 10_000 }, [], 'create'],
    ['what surfaced is adopted', { ...making, createSentAt: now - 1 }, [resource('creating')], 'adopt r1'],
    ['what is in the making is waited for', { ...making, ref: 'r1' }, [resource('creating')], 'wait 1000'],
    ['what runs is said to run', { ...making, ref: 'r1' }, [resource('running')], 'settle running'],
    ['what never ran and is gone is made again', { ...making, ref: 'r1' }, [], 'create'],
    ['what ran and is gone is not made again by itself', {}, [], 'fail'],
    ['a list that lags is given time', { createSentAt: now - 1 }, [], 'wait 9999'],
    ['all is well', {}, [resource('running')], 'none'],
    ['a stopped one that should run is started', {}, [resource('stopped')], 'resume r1'],
    ['a failed one that should run is started', {}, [resource('failed')], 'resume r1'],
    ['a new endpoint is written', { endpoint: 'http://127.0.0.1/old' }, [resource('running')], 'settle running'],
    ['an old error is forgotten once it runs', { error: 'no' }, [resource('running')], 'settle running'],
    ['one that takes the tokens of another address is told this one', moved, [resource('running')], 'configure r1'],
    ['also before it is started', moved, [resource('stopped')], 'configure r1'],
    ['also when its making was not finished', moved, [resource('failed')], 'configure r1'],
    ['what is in the making is not told yet', moved, [resource('creating')], 'wait 1000'],
    [
      'nor what a create does not see yet, which would make another',
      { ...moved, createSentAt: now - 1 },
      [resource('running')],
      'wait 9999',
    ],
    ['telling it is tried only so often', { ...moved, attempts: maxAttempts }, [resource('running')], 'fail'],
    ['and at its time', { ...moved, attempts: 1, nextAttemptAt: now + 500 }, [resource('stopped')], 'wait 500'],
    [
      'what is not to run is told when it is started',
      { ...moved, wanted: 'stopped' },
      [resource('stopped')],
      'settle stopped',
    ],
    ['and is powered off as it is', { ...moved, wanted: 'stopped' }, [resource('running')], 'suspend r1'],
    ['a failed machine is not told', { ...moved, state: 'failed' }, [resource('running')], 'none'],
    ['a machine that is not wanted running is powered off', { wanted: 'stopped' }, [resource('running')], 'suspend r1'],
    ['and then said to be stopped', { wanted: 'stopped' }, [resource('stopped')], 'settle stopped'],
    ['a hold powers it off whatever is wanted', { holds: ['balance'] }, [resource('running')], 'suspend r1'],
    ['and then it is suspended', { holds: ['balance'] }, [resource('stopped')], 'settle suspended'],
    [
      'the hold ended, and it was stopped before',
      { state: 'suspended', wanted: 'stopped' },
      [resource('stopped')],
      'settle stopped',
    ],
    ['a failed machine is left alone', { state: 'failed' }, [resource('stopped')], 'none'],
    ['an end takes all there is', ending, [resource('running'), resource('stopped', 'r2')], 'terminate r1,r2'],
    ['an end with nothing left is over', ending, [], 'settle terminated'],
    ['an end waits for what may surface', { ...ending, createSentAt: now - 1 }, [], 'wait 9999'],
    ['a failed machine ends too', { ...ending, attempts: 100 }, [resource('failed')], 'terminate r1'],
    ['what surfaces after the end is removed', { state: 'terminated' }, [resource('running')], 'remove-extra r1'],
    ['over is over', { state: 'terminated' }, [], 'none'],
    ['of two the known one stays', {}, [resource('running', 'r0'), resource('stopped')], 'remove-extra r0'],
    [
      'of two unknown ones the running one stays',
      making,
      [resource('stopped'), resource('running', 'r2')],
      'remove-extra r1',
    ],
    [
      'of two alike the first by name stays',
      making,
      [resource('running', 'r2'), resource('running')],
      'remove-extra r2',
    ],
    ['the next try waits its time', { ...making, attempts: 1, nextAttemptAt: now + 500 }, [], 'wait 500'],
    ['and comes then', { ...making, attempts: 1, nextAttemptAt: now }, [], 'create'],
    ['the last try was the last', { ...making, attempts: maxAttempts }, [], 'fail'],
    ['also of starting', { attempts: maxAttempts }, [resource('stopped')], 'fail'],
    ['powering off has no last try', { wanted: 'stopped', attempts: 99 }, [resource('running')], 'suspend r1'],
    [
      'success does not wait for the next try',
      { attempts: 3, nextAttemptAt: now + 500 },
      [resource('running')],
      'settle running',
    ],
  ])('%s', (_, row, seen, expected) => {
    expect(planned(row, ...seen)).toBe(expected)
  })

  const known = { endpoint: 'https://a.example', issuer: 'https://b.example', isKnown: true }
  const itself = { isOverSsh: false } as const
  const atIt = { ...known, ...itself, state: 'running', stage: 'making users', until: now + 900 } as const
  const setUp = { ...known, state: 'done', renewal: null } as const
  const failed = { ...known, ...itself, state: 'failed', reason: 'The disk is full.', isSilent: false } as const
  const server = { ...making, ref: 'r1' }
  test.each<[string, Partial<Wanted>, Resource[], string]>([
    [
      'a server is no machine before it is set up',
      { ...server, setUp: atIt, stage: 'making users' },
      [resource('running')],
      'wait 900',
    ],
    ['what it is at is shown', { ...server, setUp: atIt, stage: 'starting' }, [resource('running')], 'show'],
    ['it runs once it is set up', { ...server, setUp }, [resource('running')], 'settle running'],
    [
      'and is told who may use it first',
      { ...server, setUp, access: { told: false, notBefore: null } },
      [resource('running')],
      'tell',
    ],
    ['a set-up that failed is given up', { ...server, setUp: failed }, [resource('running')], 'fail'],
    [
      'its server is replaced when it is started again',
      { ...fresh, setUp: failed },
      [resource('running')],
      'remove-extra r1',
    ],
    [
      'not while something holds the machine',
      { ...fresh, setUp: failed, holds: ['abuse'] },
      [resource('running')],
      'adopt r1',
    ],
    ['then there is another', { ...fresh, setUp: failed }, [], 'create'],
    ['one that was set up once is never replaced', { ...fresh, setUp }, [resource('running')], 'adopt r1'],
    ['one that is off is started', { setUp }, [resource('stopped')], 'resume r1'],
    ['one that is to be off is', { setUp: atIt, wanted: 'stopped' }, [resource('running')], 'suspend r1'],
    [
      'one that knows another address of ours is not a machine of ours any more',
      { ...moved, setUp },
      [resource('running')],
      'fail',
    ],
  ])('%s', (_, row, seen, expected) => {
    expect(planned(row, ...seen)).toBe(expected)
  })

  const overSsh: Capabilities = { ...capabilities, setUp: 'ssh', abandons: true }
  const silent = { ...failed, isSilent: true } as const
  test.each<[string, Partial<Wanted>, string]>([
    ['a server over SSH is set up', { ...server, setUp: atIt }, 'set-up'],
    ['silence is no failure there: it is asked', { ...server, setUp: silent }, 'set-up'],
    ['a set-up that failed is given up', { ...server, setUp: failed }, 'fail'],
    ['started again it is set up once more, on the same server', { ...fresh, ref: 'r1', setUp: failed }, 'create'],
    ['also where this backend has another address', { ...fresh, ...moved, ref: 'r1', setUp }, 'create'],
    ['what is to be stopped is not set up', { ...server, setUp: atIt, wanted: 'stopped' }, 'suspend'],
    ['what is to end is ended first', { ...ending, setUp: atIt, attempts: maxAttempts - 1 }, 'terminate'],
    [
      'what cannot be ended is over all the same, after the usual tries',
      { ...ending, attempts: maxAttempts },
      'abandon',
    ],
  ])('over SSH: %s', (_, row, expected) => {
    expect(plan({ ...base, ...row }, [resource('running')], overSsh, now).kind).toBe(expected)
  })

  test('what a provider can end is never given up', () => {
    const tried = { ...base, ...ending, attempts: 1_000 }
    expect(plan(tried, [resource('running')], capabilities, now).kind).toBe('terminate')
  })

  test('a server that can only be cancelled is not replaced, and the owner is told why again', () => {
    const kept: Capabilities = { ...capabilities, deletes: 'at-period-end' }
    expect(plan({ ...base, ...fresh, setUp: failed }, [resource('running')], kept, now)).toMatchObject({
      kind: 'adopt',
    })
  })

  const due = { notBefore: null, failed: null }
  const renewed = { ...setUp, renewal: due }
  const there = { ...resource('running'), endpoint: null, addresses: { v4: '203.0.113.7' } }
  const untold = { access: { told: false, notBefore: null } }
  const later = { ...setUp, renewal: { ...due, notBefore: now + 900 } }
  const atHome = { endpoint: known.endpoint }
  test.each<[string, Partial<Wanted>, Resource, string]>([
    ['set up again', { ...atHome, setUp: renewed }, there, 'set-up r1'],
    ['not one whose server nobody knows', { ...atHome, setUp: { ...renewed, isKnown: false } }, there, 'none'],
    ['nor one without an address', { ...atHome, setUp: renewed }, { ...there, addresses: {} }, 'none'],
    ['who may use it is told first', { ...atHome, ...untold, setUp: renewed }, there, 'tell'],
    ['and it is said to run', { ...server, setUp: renewed }, there, 'settle running'],
    ['after a try that failed it waits', { ...atHome, setUp: later }, there, 'wait 900'],
    ['it is off', { ...atHome, setUp: renewed, wanted: 'stopped' }, there, 'suspend r1'],
    ['it is on hold', { ...atHome, setUp: renewed, holds: ['abuse'] }, there, 'suspend r1'],
    [
      'it is about to start',
      { ...atHome, state: 'stopped', setUp: renewed },
      { ...there, state: 'stopped' },
      'resume r1',
    ],
    ['it ends', { ...ending, setUp: renewed }, there, 'terminate r1'],
    [
      'of another address of ours it is set up before it is told',
      { ...moved, ...untold, setUp: renewed },
      there,
      'set-up r1',
    ],
    ['and is not said to run', { ...server, ...moved, setUp: later }, there, 'wait 900'],
    ['a stage that nobody took back goes', { ...atHome, setUp, stage: 'setting it up again' }, there, 'settle running'],
  ])('a machine that was set up for something else: %s', (_, row, seen, expected) => {
    expect(planned(row, seen)).toBe(expected)
  })

  // Mutant: what waits for the next try of a set-up keeps all else waiting.
  test('what is to be done to it does not wait for a try that failed', () => {
    const task = { kind: 'resize', next_attempt_at: null } as TaskRow
    const planned = (setUp: SetUpSeen) => plan({ ...base, ...atHome, setUp, task }, [there], capabilities, now).kind
    expect([planned(later), planned(renewed)]).toEqual(['task', 'set-up'])
  })

  test('a first set-up that failed goes on over SSH where its server can only be cancelled and is known', () => {
    const kept: Capabilities = { ...capabilities, deletes: 'at-period-end', setUp: 'script' }
    const again = (setUp: SetUpSeen, seen: Resource = there) => plan({ ...base, ...fresh, setUp }, [seen], kept, now)
    expect(again(failed)).toEqual({ kind: 'adopt', resource: there, anew: true })
    for (const [other, seen] of [
      [{ ...failed, isKnown: false }, there],
      [failed, { ...there, addresses: {} }],
      [atIt, there],
      [setUp, there],
    ] as const)
      expect(again(other, seen)).toEqual({ kind: 'adopt', resource: seen })
    const overSsh = { ...atIt, isOverSsh: true }
    expect(plan({ ...base, ...server, setUp: overSsh }, [there], kept, now)).toMatchObject({
      kind: 'set-up',
      renews: false,
    })
  })

  test('a server is reached where its set-up says', () => {
    const settled = plan({ ...base, ...server, setUp }, [{ ...resource('running'), endpoint: null }], capabilities, now)
    expect(settled).toMatchObject({ kind: 'settle', endpoint: known.endpoint })
  })

  test('who gives up says why: the resource first, then the last error', () => {
    const given = { ...base, attempts: maxAttempts, error: 'the last error' }
    const failed = { ...resource('failed'), reason: 'no image' }
    expect(plan(given, [failed], capabilities, now)).toEqual({ kind: 'fail', message: 'no image' })
    expect(plan(given, [resource('stopped')], capabilities, now)).toEqual({ kind: 'fail', message: 'the last error' })
  })

  test('what does not go on by itself is told once, then looked at now and then, and can be ended', () => {
    const stuck: Resource = { ...resource('creating'), stuck: true, reason: 'It waits for a payment.' }
    const told = { ...base, error: 'It waits for a payment.' }
    expect(plan(base, [stuck], capabilities, now)).toEqual({ kind: 'report', message: 'It waits for a payment.' })
    expect(plan(told, [stuck], capabilities, now)).toEqual({ kind: 'wait', until: now + strandedMs })
    expect(planned(ending, stuck)).toBe('terminate r1')
    expect(planned({ error: 'It waits for a payment.' }, resource('running'))).toBe('settle running')
  })

  test('what charges at once is not ordered again when the first order got no answer', () => {
    const careful: Capabilities = { ...capabilities, afterLostCreate: 'person' }
    const lost = { ...base, ...making, createSentAt: now - 20_000 }
    expect(plan(lost, [], careful, now)).toMatchObject({ kind: 'report' })
    expect(plan({ ...lost, createSentAt: null }, [], careful, now)).toEqual({ kind: 'create' })
    expect(plan(lost, [resource('running')], careful, now)).toMatchObject({ kind: 'adopt' })
    expect(plan({ ...lost, ...ending }, [], careful, now)).toMatchObject({ kind: 'settle', to: 'terminated' })
  })

  test('what was cancelled is over, and until when the provider keeps it is told', () => {
    const cancelled: Resource = { ...resource('ending'), endsAt: '2026-12-31' }
    expect(plan({ ...base, ...ending }, [cancelled], capabilities, now)).toEqual({
      kind: 'settle',
      to: 'terminated',
      endpoint: null,
      reason: 'cancelled; the provider keeps it, wiped, until 2026-12-31',
    })
    expect(planned({ state: 'terminated' }, cancelled)).toBe('none')
    expect(planned(fresh, cancelled)).toBe('create')
  })

  test('its name leads to its addresses before it is set up, again when either changes, and is taken out at its end', () => {
    const addresses = { v4: '203.0.113.1' }
    const name = 'otter.spoq.example'
    const server = { ...resource('running'), endpoint: null, addresses }
    const published = `${name} 203.0.113.1 -`
    const said = (dns: Wanted['dns'], row: Partial<Wanted> = {}, ...seen: Resource[]) =>
      plan({ ...base, endpoint: null, dns, ...row }, seen, capabilities, now)
    expect(said({ name, published: null }, {}, server)).toEqual({ kind: 'publish', name, addresses, text: published })
    expect(said({ name, published }, {}, server)).toEqual({ kind: 'none' })
    expect(said({ name: 'mole.spoq.example', published }, {}, server)).toMatchObject({ name: 'mole.spoq.example' })
    expect(said({ name, published }, {}, { ...server, addresses: { v4: '203.0.113.2' } })).toMatchObject({
      addresses: { v4: '203.0.113.2' },
    })
    expect(said({ name, published: null }, {}, { ...server, addresses: {} })).toEqual({ kind: 'none' })
    expect(said(null, {}, server)).toEqual({ kind: 'none' })
    expect(said({ name, published }, ending, server)).toMatchObject({ kind: 'terminate' })
    expect(said({ name, published }, ending)).toEqual({ kind: 'withdraw', name })
    expect(said({ name, published: null }, ending)).toMatchObject({ kind: 'settle', to: 'terminated' })
  })

  test('a provider says how often it may be looked at', () => {
    const slow = { ...capabilities, pollMs: 7_000 }
    expect(plan({ ...base, ...making, ref: 'r1' }, [resource('creating')], slow, now)).toEqual({
      kind: 'wait',
      until: now + 7_000,
    })
  })

  test('pauses double from a second to five minutes', () => {
    expect([1, 2, 3, 8, 9, 10, 50].map(attempts => backoffMs(attempts))).toEqual([
      1_000, 2_000, 4_000, 128_000, 256_000, 300_000, 300_000,
    ])
  })
})

const anyResource = fc.record({
  ref: fc.constantFrom('r1', 'r2', 'r3'),
  machine: fc.constant('m'),
  state: fc.constantFrom<Resource['state']>('creating', 'running', 'stopped', 'failed', 'ending'),
  endpoint: fc.constantFrom(null, 'http://127.0.0.1/a', 'http://127.0.0.1/b'),
  addresses: fc.constantFrom({}, { v4: '203.0.113.7' }),
})
const alive = (seen: readonly Resource[]) => seen.filter(({ state }) => state !== 'ending')
const anySeen = fc.uniqueArray(anyResource, { selector: ({ ref }) => ref, maxLength: 3 })
const anyTime = fc.option(fc.integer({ min: now - 20_000, max: now + 20_000 }))
const anywhere = { endpoint: 'https://a.example', issuer: 'https://b.example', isKnown: true, isOverSsh: false }
/** Rows as there can be: an ending state if and only if an end is wanted. */
const anyRow = fc
  .record({
    state: fc.constantFrom(...machineStates),
    isUnclaimed: fc.boolean(),
    wanted: fc.constantFrom(...wantedStates),
    holds: fc.subarray([...holds]),
    ref: fc.constantFrom(null, 'r1', 'r2'),
    configured: fc.boolean(),
    endpoint: fc.constantFrom(null, 'http://127.0.0.1/a'),
    attempts: fc.integer({ min: 0, max: maxAttempts + 2 }),
    nextAttemptAt: anyTime,
    createSentAt: anyTime,
    error: fc.option(fc.string()),
    task: fc.constant(null),
    dns: fc.option(fc.constant({ name: 'otter.spoq.example', published: null })),
    access: fc.option(fc.record({ told: fc.boolean(), notBefore: anyTime })),
    stage: fc.constantFrom(null, 'a', 'warm'),
    setUp: fc.option(
      fc.oneof(
        fc
          .record({ notBefore: anyTime, failed: fc.constantFrom(null, 'why') })
          .chain(renewal => fc.constantFrom(null, renewal))
          .map(renewal => ({ ...anywhere, state: 'done', renewal }) as const),
        fc.constant({ ...anywhere, state: 'failed', reason: 'why', isSilent: false } as const),
        fc
          .record({ stage: fc.constantFrom(null, 'a', 'b'), until: fc.integer({ min: now + 1, max: now + 9 }) })
          .map(more => ({ ...anywhere, state: 'running', ...more }) as const),
      ),
    ),
  })
  .filter(({ state, wanted }) => state.startsWith('terminat') === (wanted === 'terminated'))

/** Over SSH it is told whose tokens it takes, for which it has to run. */
const isRenewed = (setUp: SetUpSeen | null) => setUp?.state === 'done' && setUp.renewal !== null

const holdsFor = (rule: (action: Action, row: Wanted, seen: Resource[]) => boolean) =>
  fc.assert(
    fc.property(anyRow, anySeen, (row, seen) => rule(plan(row, seen, capabilities, now), row, seen)),
    { numRuns: 5_000 },
  )

describe('whatever is wanted and seen', () => {
  // Mutants: `missing` without its wait; `ending` that settles at once.
  test('nothing is made or called over while an earlier create may still surface', () =>
    holdsFor(({ kind }, { createSentAt }, seen) => {
      const maySurface = createSentAt !== null && now < createSentAt + capabilities.listLagMs
      return !(maySurface && alive(seen).length === 0) || kind === 'wait' || kind === 'none'
    }))

  // Mutants: `create` planned before looking at `seen`; `adopt` left out.
  test('nothing is made while something is there', () =>
    holdsFor(({ kind }, _, seen) => kind !== 'create' || alive(seen).length === 0))

  // Mutant: `ending` ones left in `seen`: a cancelled server would be ended, started or adopted for ever.
  test('what was cancelled is not touched any more', () =>
    holdsFor(action => {
      const touched = 'resources' in action ? action.resources : 'resource' in action ? [action.resource] : []
      return touched.every(({ state }) => state !== 'ending')
    }))

  // Mutants: `remove-extra` with all of `seen`; the last one removed because it is off or failed.
  test('the last resource of a machine that is not ending is never removed', () =>
    holdsFor((action, { wanted, state, setUp }, seen) => {
      if (action.kind === 'terminate') return wanted === 'terminated'
      if (action.kind !== 'remove-extra' || wanted === 'terminated') return true
      // On a server that was never set up there is nothing of its owner's.
      if (state === 'pending' && setUp?.state === 'failed') return true
      return action.resources.length === alive(seen).length - 1
    }))

  // Mutant: an edge taken out of the table, or one planned that the table does not have.
  test('every change of state is one that the table allows the reconciler', () =>
    holdsFor((action, { state }) => {
      const to = action.kind === 'settle' ? action.to : action.kind === 'fail' ? 'failed' : state
      return to === state || mayMove(state, to, 'reconciler')
    }))

  // Mutant: `aim` without the holds; `present` that looks at `wanted` alone.
  test('a machine on hold is not started, and not said to run', () =>
    holdsFor((action, row) => {
      if (aim(row.wanted, row.holds) === 'running') return true
      return (
        action.kind !== 'resume' &&
        action.kind !== 'configure' &&
        !(action.kind === 'settle' && action.to === 'running')
      )
    }))

  // Mutants: `present` that settles or resumes before it looks at `configured`; `configuring` without its wait.
  test('what takes the tokens of another address is not started or said to run, nor told before a create sees it', () =>
    holdsFor((action, { configured, createSentAt, setUp }) => {
      const surfaces = createSentAt === null ? 0 : createSentAt + capabilities.listLagMs
      if (action.kind === 'configure') return !configured && surfaces <= now
      if (action.kind === 'resume' && isRenewed(setUp)) return true
      return configured || (action.kind !== 'resume' && !(action.kind === 'settle' && action.to === 'running'))
    }))

  // Mutants: `running` that settles a machine which has just started by what it was told before; that tells one on hold.
  test('a machine that can be told who may use it is told before it is said to run', () =>
    holdsFor((action, { state, access, holds, wanted }) => {
      if (action.kind === 'tell')
        return access !== null && !(state === 'running' && access.told) && aim(wanted, holds) === 'running'
      const said = action.kind === 'settle' && action.to === 'running' && state !== 'running'
      return !said || access === null || action.endpoint === null
    }))

  // Mutants: `running` that calls one warm before it was told; that settles one which is nobody's.
  test("what is nobody's is ready once it was told that nobody may use it, and is never said to run", () =>
    holdsFor((action, { isUnclaimed, access }, seen) => {
      if (!isUnclaimed) return action.kind !== 'warm'
      if (action.kind === 'warm') return access === null || access.told || seen.every(one => one.socket === undefined)
      return !(action.kind === 'settle' && action.to === 'running')
    }))

  // Mutant: `wait` until a moment that has passed: the loop would spin.
  test('a wait ends later than now', () => holdsFor(action => action.kind !== 'wait' || action.until > now))
})
