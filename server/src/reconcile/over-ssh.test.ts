// Machines whose servers are set up over SSH, with a set-up that does what the test says.

import { setTimeout as sleep } from 'node:timers/promises'
import { ProviderError } from '@spoq/providers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { findMachine } from '../machine/store.ts'
import { terminate } from '../machine/terminate.ts'
import { putMachine, testPorts } from '../machine/test-ports.ts'
import type { Following } from '../setup/follow.ts'
import type { MachineSetup, Renewal, SetUpSeen } from '../setup/open.ts'
import { type FakeProvider, fakeProvider } from './fake-provider.ts'
import { openReconciler } from './open.ts'
import { maxAttempts } from './plan.ts'
import type { ReconcilePorts } from './ports.ts'
import { reconcileMachine } from './reconcile.ts'

const lease = { owner: 'backend_a', ms: 30_000 }
const alice = { account: 'alice', requestId: 'req_alice' }

let database: Database
let provider: FakeProvider
let ports: ReconcilePorts
let time: number
let seen: Map<string, SetUpSeen>
let follow: (following: Following, machine: string) => Promise<void>
let rounds: string[]
let renewing: Renewal & { tries: number }
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  time = Date.parse('2026-11-21T10:00:00Z')
  seen = new Map()
  rounds = []
  const target = { host: '127.0.0.1', user: 'root', privateKey: 'k', hostKey: null }
  provider = fakeProvider(() => time, { setUp: 'ssh', abandons: true })
  provider.reach = async () => target
  const where = { issuer: 'http://127.0.0.1', jwksUrl: 'http://127.0.0.1/jwks' }
  const begun = { issuer: where.issuer, endpoint: 'https://ada.spoq.test', isKnown: true }
  renewing = { tries: 0, notBefore: null, failed: null }
  const setup: MachineSetup = {
    look: async () => seen,
    scriptFor: async () => '',
    async begin({ id }, anew) {
      rounds.push(anew ? 'anew' : 'again')
      if (anew || !seen.has(id))
        seen.set(id, { ...begun, state: 'running', stage: null, until: time + 1, isOverSsh: true })
    },
    async renew() {
      renewing.tries += 1
      renewing.notBefore = time + 1_000 * 2 ** renewing.tries
    },
    reach: async () => target,
    follow: ({ id }, following) => follow(following, id),
  }
  follow = async ({ onStage }, machine) => {
    await onStage('making users')
    seen.set(machine, { ...begun, state: 'done', renewal: null })
  }
  ports = {
    ...{ ...database, ...where, lease, setup, providers: new Map([['local', provider]]), log: () => {} },
    ...{ now: () => time, databaseNow: async () => time },
  }
})
afterAll(() => database.close())

const row = (id: string) => findMachine(database.db, id)
async function settle(id: string) {
  for (let looks = 0; looks < 50; looks++) {
    const next = await reconcileMachine(ports, id)
    if (next === null) return row(id)
    time = Math.max(time, next)
  }
  throw new Error('it does not come to rest')
}
const end = (id: string) => terminate({ ...testPorts(database), now: () => time }, alice, id)

test('it is set up, its stages are shown, and then it runs where its set-up says', async () => {
  const { id } = await putMachine(database)
  const stages: unknown[] = []
  const usual = follow
  follow = async (following, machine) => {
    stages.push((await row(id))?.stage)
    await usual(following, machine)
    stages.push((await row(id))?.stage)
  }
  expect(await settle(id)).toMatchObject({ state: 'running', endpoint: 'https://ada.spoq.test', stage: null })
  expect(stages).toEqual(['waiting for its set-up', 'making users'])
  expect(rounds).toEqual(['anew'])
})

test('a server that is away in the middle is followed again, and no other set-up is begun', async () => {
  const { id } = await putMachine(database)
  const usual = follow
  let tries = 0
  follow = async (following, machine) => {
    if (++tries < 4) throw new ProviderError('retry', 'The server does not answer over SSH.')
    await usual(following, machine)
  }
  expect(await settle(id)).toMatchObject({ state: 'running', error_message: null })
  expect([tries, rounds]).toEqual([4, ['anew']])
})

/** One that goes on until somebody ends it. */
const endless = async ({ signal }: Following) => {
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

test('whose owner ends the machine in the middle waits for no set-up', async () => {
  const { id } = await putMachine(database)
  follow = endless
  const working = reconcileMachine(ports, id)
  await sleep(300)
  await end(id)
  await working
  expect(await settle(id)).toMatchObject({ state: 'terminated' })
  expect(provider.resources.size).toBe(0)
}, 20_000)

test('a backend that stops leaves it to the next one, at once; other machines are not held up meanwhile', async () => {
  const [{ id }, other] = [await putMachine(database), await putMachine(database)]
  const usual = follow
  follow = (following, machine) => (machine === id ? endless(following) : usual(following, machine))
  ports.now = Date.now
  ports.databaseNow = async () => Date.now()
  const reconciler = openReconciler(ports)
  while ((await row(other.id))?.state !== 'running') await sleep(20)
  expect(await row(id)).toMatchObject({ state: 'provisioning' })
  await reconciler.stop()
  expect(await row(id)).toMatchObject({ state: 'provisioning', lease_owner: null, error_code: null })
  follow = usual
  expect(await settle(id)).toMatchObject({ state: 'running' })
}, 20_000)

test('a server that is gone for ever: its machine ends after the usual tries, and says what is left there', async () => {
  const { id } = await putMachine(database)
  await settle(id)
  provider.terminate = async () => {
    throw new ProviderError('retry', 'The server does not answer over SSH.')
  }
  provider.leaves = async () => 'The server does not let itself be cleaned: run there: sudo sh /etc/spoq/remove.sh'
  provider.abandon = async ref => void provider.resources.delete(ref)
  await end(id)
  expect(await settle(id)).toMatchObject({
    state: 'terminated',
    error_code: 'server_not_cleaned',
    error_message: expect.stringContaining('sudo sh'),
  })
  const records = await listRecords(database.db, id)
  expect(records.filter(({ action }) => action === 'machine.abandon')).toMatchObject([
    { actor: 'reconciler', reason: expect.stringContaining('sudo sh') },
  ])
  expect(time - Date.parse('2026-11-21T10:00:00Z')).toBeGreaterThan(60_000)
  expect(maxAttempts).toBeGreaterThan(3)
})
