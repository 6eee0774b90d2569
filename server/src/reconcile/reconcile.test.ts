import type { MachineState } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { setupReport } from '@spoq/contracts/setup'
import { ProviderError } from '@spoq/providers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import type { MachineRow } from '../db/tables.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { takeLease } from '../machine/lease.ts'
import { start } from '../machine/start.ts'
import { stop } from '../machine/stop.ts'
import { findMachine, forgetDeadBackend, forgetMoved } from '../machine/store.ts'
import { terminate } from '../machine/terminate.ts'
import { putMachine, testPorts } from '../machine/test-ports.ts'
import type { Release } from '../release/open.ts'
import { machineSetup } from '../setup/open.ts'
import { report } from '../setup/report.ts'
import { type FakeProvider, type Fault, fakeProvider } from './fake-provider.ts'
import { maxAttempts } from './plan.ts'
import type { ReconcilePorts } from './ports.ts'
import { reconcileMachine } from './reconcile.ts'

const lease = { owner: 'backend_a', ms: 30_000 }
const another = { ...lease, owner: 'backend_b' }
const alice = { account: 'alice', requestId: 'req_alice' }
const lost = (when: Fault['when'], kind: 'retry' | 'refused' = 'retry'): Fault => ({
  when,
  error: new ProviderError(kind, 'The provider is tired.'),
})

let database: Database
let time: number
let provider: FakeProvider
let ports: ReconcilePorts
let verbs: ReturnType<typeof testPorts>

beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  use(fakeProvider(() => time))
})
afterAll(() => database.close())

function use(fake: FakeProvider) {
  time = 1_000_000
  provider = fake
  const providers = new Map([['local', fake]] as const)
  verbs = { ...testPorts(database, providers), now: () => time }
  const where = { issuer: 'http://127.0.0.1', jwksUrl: 'http://127.0.0.1/jwks' }
  ports = { ...database, lease, providers, ...where, now: () => time, databaseNow: async () => time, log: () => {} }
}

/** Reconciles, and lets the time pass to each next look, until nothing is due. */
async function settle(id: string): Promise<MachineRow> {
  for (let looks = 0; looks < 50; looks++) {
    const next = await reconcileMachine(ports, id)
    if (next === null) return row(id)
    time = Math.max(time, next)
  }
  throw new Error(`it does not come to rest: ${JSON.stringify(await row(id))}`)
}

async function row(id: string): Promise<MachineRow> {
  const found = await findMachine(database.db, id)
  if (!found) throw new Error(`no machine ${id}`)
  return found
}

/** The states it went through, by its audit records. */
async function way(id: string): Promise<(string | null)[]> {
  const records = (await listRecords(database.db, id)).filter(({ to }) => to !== null)
  records.forEach((record, i) => {
    if (i > 0) expect(record.from).toBe(records[i - 1]?.to)
  })
  return records.map(({ to }) => to)
}

const refs = () => [...provider.resources.keys()]
const creates = () => provider.calls.filter(call => call.startsWith('create')).length

async function running(): Promise<MachineRow> {
  return settle((await putMachine(database)).id)
}

// Mutant: a moment that one backend wrote by its clock, held against another's.
test.each([-3_600_000, 3_600_000])(
  'a backend whose clock is %d ms off waits for a lost create as long as others',
  async off => {
    use(fakeProvider(() => time, { listLagMs: 30_000 }))
    ports.now = () => time + off
    const { id } = await putMachine(database, { state: 'provisioning', create_sent_at: new Date(time) })
    expect(await reconcileMachine(ports, id)).toBe(time + off + 30_000)
    expect(creates()).toBe(0)
    time += 30_000
    await reconcileMachine(ports, id)
    expect([creates(), (await row(id)).create_sent_at]).toEqual([1, new Date(time)])
  },
)

describe('when all goes well', () => {
  test('a machine is made once and runs', async () => {
    const machine = await running()
    expect(machine).toMatchObject({ state: 'running', stage: null, attempts: 0, endpoint: 'http://127.0.0.1/r1' })
    expect(await way(machine.id)).toEqual(['provisioning', 'running'])
    expect(refs()).toEqual(['r1'])
  })

  test('that a create is sent is written before it is sent', async () => {
    const { id } = await putMachine(database)
    const written: unknown[] = []
    provider.meanwhile = async verb => {
      if (verb === 'create') written.push(await row(id))
    }
    await settle(id)
    expect(written).toEqual([
      expect.objectContaining({
        state: 'provisioning',
        create_sent_at: new Date(time),
        attempts: 1,
        provider_ref: null,
      }),
    ])
  })

  test('stop powers it off, start powers it on, with its files', async () => {
    const { id } = await running()
    await stop(verbs, alice, id)
    expect((await settle(id)).state).toBe('stopped')
    expect(provider.resources.get('r1')?.state).toBe('stopped')
    await start(verbs, alice, id)
    expect((await settle(id)).state).toBe('running')
    expect(await way(id)).toEqual(['provisioning', 'running', 'stopped', 'running'])
    expect(creates()).toBe(1)
  })

  test('stopped before it was made, it is made and then stopped', async () => {
    const { id } = await putMachine(database)
    await stop(verbs, alice, id)
    expect((await settle(id)).state).toBe('stopped')
    expect(provider.resources.get('r1')?.state).toBe('stopped')
  })

  test('a hold suspends it, and its end brings it back to what is wanted', async () => {
    const { id } = await running()
    const hold = (holds: string) => database.db.updateTable('machine').set({ holds }).where('id', '=', id).execute()
    await hold('["balance"]')
    expect((await settle(id)).state).toBe('suspended')
    await hold('[]')
    expect((await settle(id)).state).toBe('running')
  })

  test('terminate leaves nothing at the provider', async () => {
    const { id } = await running()
    await terminate(verbs, alice, id)
    expect(await settle(id)).toMatchObject({ state: 'terminated', provider_ref: null, endpoint: null, stage: null })
    expect(refs()).toEqual([])
    expect(await way(id)).toEqual(['provisioning', 'running', 'terminating', 'terminated'])
  })

  test('what runs is looked at and left alone', async () => {
    const machine = await running()
    provider.calls.length = 0
    expect(await settle(machine.id)).toEqual(machine)
    expect(provider.calls).toEqual([`find ${machine.id}`])
  })
})

describe('when the provider is bad', () => {
  test.each([0, 30_000])(
    'a create whose answer is lost is found again, with a list that lags %d ms',
    async listLagMs => {
      use(fakeProvider(() => time, { listLagMs }))
      provider.fault = verb => (verb === 'create' && creates() === 1 ? lost('after') : undefined)
      const machine = await running()
      expect(machine).toMatchObject({ state: 'running', provider_ref: 'r1' })
      expect(refs()).toEqual(['r1'])
    },
  )

  test('a create that took a minute to fail may surface later still: the wait counts from its end', async () => {
    use(fakeProvider(() => time, { listLagMs: 30_000 }))
    provider.meanwhile = async verb => {
      if (verb === 'create') time += 60_000
    }
    provider.fault = verb => (verb === 'create' && creates() === 1 ? lost('after') : undefined)
    expect((await running()).provider_ref).toBe('r1')
    expect(refs()).toEqual(['r1'])
  })

  test('a create that was answered is not waited for, however the list lags', async () => {
    use(fakeProvider(() => time, { listLagMs: 30_000 }))
    const before = time
    expect((await running()).state).toBe('running')
    expect(time).toBe(before)
  })

  test('a create that failed is tried again, and the owner sees why meanwhile', async () => {
    provider.fault = verb => (verb === 'create' && creates() < 3 ? lost('before') : undefined)
    const { id } = await putMachine(database)
    const next = await reconcileMachine(ports, id)
    expect(next).toBe(time + 1_000)
    expect(await row(id)).toMatchObject({ error_code: 'provider_failed', error_message: 'The provider is tired.' })
    expect(await settle(id)).toMatchObject({ state: 'running', error_code: null, error_message: null })
    expect(creates()).toBe(3)
  })

  test('it is given up after a number of tries, what is wanted stays, and start tries again', async () => {
    provider.fault = verb => (verb === 'create' ? lost('before') : undefined)
    const { id } = await putMachine(database)
    expect(await settle(id)).toMatchObject({
      state: 'failed',
      wanted: 'running',
      error_code: 'machine_failed',
      error_message: 'The provider is tired.',
    })
    expect(creates()).toBe(maxAttempts)
    provider.fault = () => undefined
    await start(verbs, alice, id)
    expect((await settle(id)).state).toBe('running')
    expect(await way(id)).toEqual(['provisioning', 'failed', 'pending', 'provisioning', 'running'])
  })

  test('what it refuses is not tried again', async () => {
    provider.fault = verb => (verb === 'create' ? lost('before', 'refused') : undefined)
    expect(await running()).toMatchObject({ state: 'failed', create_sent_at: null })
    expect(creates()).toBe(1)
  })

  test('what was certainly not made is tried again without waiting for a list that lags', async () => {
    use(fakeProvider(() => time, { listLagMs: 30_000 }))
    const error = new ProviderError('retry', 'It cannot be reached.', { undone: true })
    provider.fault = verb => (verb === 'create' && creates() === 1 ? { when: 'before', error } : undefined)
    const { id } = await putMachine(database)
    expect(await reconcileMachine(ports, id)).toBe(time + 1_000)
    expect((await row(id)).create_sent_at).toBeNull()
    expect((await settle(id)).state).toBe('running')
    expect(refs()).toEqual(['r1'])
  })

  test('what was never asked for ends though the provider is away', async () => {
    provider.fault = verb => (verb === 'create' ? lost('before', 'refused') : undefined)
    const { id } = await running()
    provider.fault = () => lost('before')
    await terminate(verbs, alice, id)
    await reconcileMachine(ports, id)
    expect((await row(id)).state).toBe('terminated')
  })

  test('one that waits for a person is told to the log once, and goes on when that was done', async () => {
    const logged: string[] = []
    ports = { ...ports, log: (_, event) => void logged.push(event) }
    const { id } = await running()
    const known = provider.resources.get('r1')
    provider.resources.set('r1', {
      ...known,
      state: 'creating',
      stuck: true,
      reason: 'It waits for a payment.',
    } as never)
    await reconcileMachine(ports, id)
    await reconcileMachine(ports, id)
    expect(await row(id)).toMatchObject({ state: 'running', error_message: 'It waits for a payment.' })
    expect(logged.filter(event => event === 'machine.stranded')).toHaveLength(1)
    provider.resources.set('r1', known as never)
    expect(await settle(id)).toMatchObject({ state: 'running', error_message: null })
  })

  test('it waits as long as the provider says', async () => {
    const error = new ProviderError('retry', 'Too many.', { retryAfterMs: 90_000 })
    provider.fault = verb => (verb === 'create' && creates() === 1 ? { when: 'before', error } : undefined)
    expect(await reconcileMachine(ports, (await putMachine(database)).id)).toBe(time + 90_000)
  })

  test('words that were not meant for the owner do not reach it', async () => {
    const error = new Error('connect postgres://root:hunter2@10.0.0.1')
    provider.fault = verb => (verb === 'create' && creates() === 1 ? { when: 'before', error } : undefined)
    const { id } = await putMachine(database)
    await reconcileMachine(ports, id)
    expect((await row(id)).error_message).toBe('The provider failed in an unexpected way.')
  })

  test('while its list cannot be read nothing is made, and the owner sees why', async () => {
    provider.fault = verb => (verb === 'find' ? lost('before') : undefined)
    const { id } = await putMachine(database)
    expect(await reconcileMachine(ports, id)).toBeGreaterThan(time)
    expect(await row(id)).toMatchObject({ state: 'pending', error_message: 'The provider is tired.' })
    expect(provider.calls).toEqual([`find ${id}`])
  })

  test('a missing heartbeat ends nothing: a stopped machine is started, an unseen one left alone', async () => {
    const { id } = await running()
    provider.resources.set('r1', { ...provider.resources.get('r1'), state: 'stopped' } as never)
    expect((await settle(id)).state).toBe('running')
    provider.fault = () => lost('before')
    await reconcileMachine(ports, id)
    expect((await row(id)).state).toBe('running')
    expect(refs()).toEqual(['r1'])
  })

  test('a machine that vanished is said to have failed, not made anew without its files', async () => {
    const { id } = await running()
    provider.resources.clear()
    expect(await settle(id)).toMatchObject({
      state: 'failed',
      error_message: 'The provider no longer has this machine.',
    })
    expect(creates()).toBe(1)
  })

  test('one that cannot be started is given up, and powered off by nobody', async () => {
    const { id } = await running()
    provider.resources.set('r1', { ...provider.resources.get('r1'), state: 'stopped' } as never)
    provider.fault = verb => (verb === 'resume' ? lost('before') : undefined)
    expect(await settle(id)).toMatchObject({ state: 'failed', wanted: 'running' })
    expect(refs()).toEqual(['r1'])
  })

  test('an end is tried for as long as it takes', async () => {
    const { id } = await running()
    let refusals = 0
    provider.fault = verb => (verb === 'terminate' && ++refusals <= maxAttempts + 4 ? lost('before') : undefined)
    await terminate(verbs, alice, id)
    expect((await settle(id)).state).toBe('terminated')
    expect(refs()).toEqual([])
  })

  test('one too many is removed, the known one stays', async () => {
    const { id } = await running()
    provider.resources.set('r0', { ref: 'r0', machine: id, state: 'running', endpoint: null })
    expect((await settle(id)).provider_ref).toBe('r1')
    expect(refs()).toEqual(['r1'])
  })
})

describe('when the backend came back at another address', () => {
  const there = { issuer: 'http://127.0.0.2', jwksUrl: 'http://127.0.0.2/jwks' }
  /** As a backend starts. */
  async function comeBack() {
    ports = { ...ports, ...there }
    await forgetMoved(database.db, there.issuer)
    provider.calls.length = 0
  }

  test('a machine that runs is stopped, told, and runs again, once', async () => {
    const { id } = await running()
    await comeBack()
    expect((await row(id)).endpoint).toBe(null)
    expect(await settle(id)).toMatchObject({ state: 'running', attempts: 0, provider_ref: 'r1', issuer: there.issuer })
    expect(provider.calls.filter(call => !call.startsWith('find'))).toEqual(['suspend r1', 'status r1', `create ${id}`])
    expect(provider.issuers).toEqual(new Map([['r1', there.issuer]]))
    expect(await way(id)).toEqual(['provisioning', 'running'])
    provider.calls.length = 0
    await settle(id)
    expect(provider.calls).toEqual([`find ${id}`])
  })

  test('a stopped one is left alone, and told when it is started', async () => {
    const { id } = await running()
    await stop(verbs, alice, id)
    await settle(id)
    await comeBack()
    expect((await settle(id)).state).toBe('stopped')
    expect(provider.calls).toEqual([`find ${id}`])
    await start(verbs, alice, id)
    expect((await settle(id)).state).toBe('running')
    expect(provider.issuers).toEqual(new Map([['r1', there.issuer]]))
    expect(provider.calls).not.toContain('resume r1')
  })

  test('one whose power-off takes its time is told only then', async () => {
    const { id } = await running()
    await comeBack()
    const { suspend } = provider
    let asked = 0
    provider.suspend = async ref => (++asked < 3 ? undefined : suspend(ref))
    expect((await settle(id)).state).toBe('running')
    expect(asked).toBe(3)
    expect(provider.issuers).toEqual(new Map([['r1', there.issuer]]))
    expect(creates()).toBe(1)
  })

  // What a kill at any await leaves is what a call leaves that fails before or after its effect, with the row as it was.
  test.each(
    (['suspend', 'status', 'create'] as const).flatMap(verb =>
      (['before', 'after'] as const).map(when => [when, verb] as const),
    ),
  )('killed %s %s, the next backend goes on', async (when, verb) => {
    const { id } = await running()
    await comeBack()
    await cutOff(id, verb, when)
    await forgetDeadBackend(database.db, time)
    await forgetMoved(database.db, there.issuer)
    expect((await settle(id)).state).toBe('running')
    expect(provider.issuers).toEqual(new Map([['r1', there.issuer]]))
    expect(provider.resources.get('r1')?.state).toBe('running')
    expect(refs()).toEqual(['r1'])
  })

  /** Reconciles up to a call that never comes back: nothing is written after it. */
  async function cutOff(id: string, verb: 'suspend' | 'status' | 'create', when: 'before' | 'after') {
    const alive = provider[verb] as (given: never) => Promise<unknown>
    await new Promise<void>(died => {
      const dies = async (given: never) => {
        if (when === 'after') await alive(given)
        died()
        return new Promise<never>(() => {})
      }
      const dying = { ...provider, [verb]: dies }
      void reconcileMachine({ ...ports, providers: new Map([['local', dying]]) }, id)
    })
  }
})

describe('when somebody else acts meanwhile', () => {
  const verbsInTheMiddle = ['find', 'create'] as const
  test.each(verbsInTheMiddle)('an end wanted in the middle of %s is not lost, nor is what was made', async middle => {
    const { id } = await putMachine(database)
    provider.meanwhile = async verb => {
      if (verb !== middle) return
      provider.meanwhile = async () => {}
      await terminate(verbs, alice, id)
    }
    expect((await settle(id)).state).toBe('terminated')
    expect(refs()).toEqual([])
    expect((await way(id)).slice(-2)).toEqual(['terminating', 'terminated'])
  })

  test('a machine that another works on is left to it', async () => {
    const { id } = await putMachine(database)
    expect(await takeLease(database.db, id, another, time)).toBe(true)
    expect(await reconcileMachine(ports, id)).toBeGreaterThan(time)
    expect(provider.calls).toEqual([])
    await forgetDeadBackend(database.db, time)
    expect((await settle(id)).state).toBe('running')
  })

  test('a backend that was silent for so long that another took over does nothing more', async () => {
    const { id } = await putMachine(database)
    provider.meanwhile = async () => {
      provider.meanwhile = async () => {}
      await database.query(`UPDATE machine SET lease_until = now() - interval '1 s' WHERE id = $1`, [id])
      expect(await takeLease(database.db, id, another, time)).toBe(true)
    }
    expect(await reconcileMachine(ports, id)).toBe(null)
    expect(provider.calls).toEqual([`find ${id}`])
    expect(await row(id)).toMatchObject({ state: 'pending', lease_owner: another.owner })
  })

  test('after the death of a backend an unanswered create counts as sent just now', async () => {
    use(fakeProvider(() => time, { listLagMs: 30_000 }))
    const sent = { state: 'provisioning' as MachineState, create_sent_at: new Date(time) }
    const { id } = await putMachine(database, sent)
    time += 29_000
    await forgetDeadBackend(database.db, time)
    // It was cut off only now, and surfaces half a minute later.
    await provider.create({ machine: id } as never)
    expect((await settle(id)).state).toBe('running')
    expect(refs()).toEqual(['r1'])
  })
})

describe('who may use a machine', () => {
  /** What the machine is to know, and what it says it knows: names of states, as good as any content. */
  function telling() {
    const told: { wanted: string; known: string | null; answers: boolean; tries: number; states: MachineState[] } = {
      wanted: 'a',
      known: null,
      answers: true,
      tries: 0,
      states: [],
    }
    let notBefore: number | null = null
    ports.access = {
      look: async rows => new Map(rows.map(({ id }) => [id, { told: told.known === told.wanted, notBefore }])),
      tell: async ({ state }) => {
        told.tries++
        told.states.push(state)
        notBefore = told.answers ? null : time + 1_000 * told.tries
        if (!told.answers) throw new Error('it sleeps')
        told.known = told.wanted
      },
    }
    return told
  }

  test('it is told before it is said to run, and told once', async () => {
    const told = telling()
    await running()
    expect(told).toMatchObject({ known: 'a', states: ['provisioning'] })
  })

  test('started again it is told again, whatever it knew', async () => {
    const told = telling()
    const { id } = await running()
    await stop(verbs, alice, id)
    await settle(id)
    await start(verbs, alice, id)
    expect((await settle(id)).state).toBe('running')
    expect(told.states).toEqual(['provisioning', 'stopped'])
  })

  test('a change is told to one that runs, and its state stays', async () => {
    const told = telling()
    const { id } = await running()
    told.wanted = 'b'
    expect(await settle(id)).toMatchObject({ state: 'running', attempts: 0 })
    expect(told).toMatchObject({ known: 'b', states: ['provisioning', 'running'] })
  })

  test('one that does not answer is not said to run, is never given up, and is told when it is back', async () => {
    const told = telling()
    told.answers = false
    const { id } = await putMachine(database)
    while (told.tries < 3 * maxAttempts) time = Math.max(time, (await reconcileMachine(ports, id)) ?? 0)
    expect(await row(id)).toMatchObject({ state: 'provisioning', stage: 'waiting for its Conductor to answer' })
    told.answers = true
    expect(await settle(id)).toMatchObject({ state: 'running', stage: null })
  })

  test('one that runs and does not answer goes on running', async () => {
    const told = telling()
    const { id } = await running()
    Object.assign(told, { wanted: 'b', answers: false })
    while (told.tries < 3 * maxAttempts) time = Math.max(time, (await reconcileMachine(ports, id)) ?? 0)
    expect(await row(id)).toMatchObject({ state: 'running', stage: null, error_code: null })
    expect(creates()).toBe(1)
  })
})

describe('a server that becomes a machine by a script', () => {
  const hostKey = `ssh-ed25519 AAAA${'b'.repeat(64)}`
  let scripts: string[]
  let release: Release | Error

  beforeEach(() => {
    use(fakeProvider(() => time, { setUp: 'script' }))
    scripts = []
    release = { version: '1', platform: 'p', file: 'spoq-1-0123456789ab-linux-x64.tar.gz', sha256: 'a', bytes: 1 }
    const { create } = provider
    provider.create = async spec => {
      scripts.push(spec.setUpScript ?? '')
      return { ...(await create(spec)), endpoint: null }
    }
    const current = async () => {
      if (release instanceof Error) throw release
      return release
    }
    const where = { issuer: ports.issuer, jwksUrl: ports.jwksUrl, tls: 'public' } as const
    const setup = machineSetup({
      ...where,
      db: database.db,
      secret: 's',
      releases: { current, find: () => null },
      installation: 'tests',
      endpointOf,
      now: () => time,
    })
    ports = { ...ports, setup }
  })
  const endpointOf = ({ name }: { name: string }) => `https://${name}.spoq.test`
  const say = async (machine: string, more: object, script = scripts.at(-1)) => {
    const token = /^SPOQ_SETUP_TOKEN='(.+)'$/m.exec(script ?? '')?.[1]
    const said = setupReport.parse({ machine, stage: 'making users', lines: ['a line'], ...more })
    await report({ db: database.db, wake: async () => {}, now: () => time }, token, said)
  }
  /** One look, as after a report. */
  const look = async (machine: string) => {
    await reconcileMachine(ports, machine)
    return row(machine)
  }

  test('is none before it said that it is done; its stages are shown meanwhile', async () => {
    const { id, name } = await putMachine(database)
    expect(await look(id)).toMatchObject({
      state: 'provisioning',
      stage: 'waiting for the server to start',
      endpoint: null,
    })
    await say(id, {})
    expect(await look(id)).toMatchObject({ state: 'provisioning', stage: 'making users', error_code: null })
    await say(id, { stage: 'done', hostKey })
    expect(await look(id)).toMatchObject({ state: 'running', stage: null, endpoint: `https://${name}.spoq.test` })
    expect(creates()).toBe(1)
  })

  test('runs only when its Conductor answers there as well', async () => {
    const { id } = await putMachine(database)
    let answers = false
    ports.access = {
      look: async rows => new Map(rows.map(row => [row.id, { told: false, notBefore: null }])),
      tell: async (_, endpoint) => {
        expect(endpoint).toMatch(/^https:/)
        if (!answers) throw new Error('it does not answer')
      },
    }
    await look(id)
    await say(id, { stage: 'done', hostKey })
    expect(await look(id)).toMatchObject({ state: 'provisioning', stage: 'waiting for its Conductor to answer' })
    answers = true
    expect(await look(id)).toMatchObject({ state: 'running' })
  })

  test('that fails is told with its last lines, and another one is made when its owner says so', async () => {
    const { id } = await putMachine(database)
    await look(id)
    await say(id, { error: 'the disk is full' })
    expect(await look(id)).toMatchObject({
      state: 'failed',
      error_message: 'The set-up failed while making users: the disk is full. Its last lines: a line',
    })
    const [first] = refs()
    await start(verbs, alice, id)
    await look(id)
    time += 1_000
    expect(await look(id)).toMatchObject({ state: 'provisioning', error_message: null })
    expect(refs()).toHaveLength(1)
    expect(refs()).not.toEqual([first])
    expect(provider.calls).toContain(`terminate ${first}`)
    // The first server is over: what it still says is nobody's.
    await expect(say(id, { stage: 'done', hostKey }, scripts[0])).rejects.toMatchObject({ code: 'token_invalid' })
    await say(id, { stage: 'done', hostKey })
    expect(await look(id)).toMatchObject({ state: 'running' })
  })

  test('that says nothing is given up after twenty minutes', async () => {
    const { id } = await putMachine(database)
    expect(await settle(id)).toMatchObject({
      state: 'failed',
      error_message: expect.stringMatching(/said nothing for 20 minutes/),
    })
  })

  test('that was ordered by a backend which got no answer has the script of that order', async () => {
    const { id } = await putMachine(database)
    provider.fault = verb => (verb === 'create' && scripts.length === 1 ? lost('after') : undefined)
    await look(id)
    provider.fault = () => undefined
    time += 60_000
    await look(id)
    await say(id, { stage: 'done', hostKey }, scripts[0])
    expect(await look(id)).toMatchObject({ state: 'running' })
    expect(refs()).toHaveLength(1)
  })

  test('that is stopped and started is not set up again', async () => {
    const { id } = await putMachine(database)
    await look(id)
    await say(id, { stage: 'done', hostKey })
    await look(id)
    await stop(verbs, alice, id)
    expect(await settle(id)).toMatchObject({ state: 'stopped' })
    await start(verbs, alice, id)
    expect(await settle(id)).toMatchObject({ state: 'running' })
    expect(creates()).toBe(1)
  })

  test('of a backend that has moved is told as such, and not touched', async () => {
    const { id } = await putMachine(database)
    await look(id)
    await say(id, { stage: 'done', hostKey })
    await look(id)
    ports = { ...ports, issuer: 'https://elsewhere.test' }
    expect(await settle(id)).toMatchObject({
      state: 'failed',
      error_message: expect.stringMatching(/has another address now/),
    })
    expect([...provider.resources.values()].map(({ state }) => state)).toEqual(['running'])
  })

  test('is not ordered while there is no release, and the owner is told', async () => {
    const { id } = await putMachine(database)
    release = new SpoqError('release_missing')
    expect(await settle(id)).toMatchObject({ state: 'failed', error_message: expect.stringMatching(/no release/) })
    expect(creates()).toBe(0)
  })
})
