import type { Plan } from '@spoq/contracts/plan'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { plans } from '../plan/table.ts'
import { create } from './create.ts'
import { terminate } from './terminate.ts'
import { type TestPorts, testPorts } from './test-ports.ts'

const alice = { account: 'alice', requestId: 'req_alice' }
const capable = (hardware?: string) => ({ capabilities: { ...(hardware ? { hardware } : {}) } }) as never
const providers = new Map([
  ['docker', capable('fleet')],
  ['hetzner', capable()],
  ['local', capable('own')],
] as const)

let database: Database
let ports: TestPorts
let plan: Plan
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  plan = plans.free
  ports = { ...testPorts(database, providers), planOf: async () => plan, isVerified: async () => true }
})
afterAll(() => database.close())

const on = (provider: 'docker' | 'hetzner' | 'local', key?: string) => create(ports, alice, { provider }, key)
const refused = { code: 'plan_limit' }

test('an account has as many machines as its plan allows; one that ends makes room', async () => {
  const first = await on('docker')
  await expect(on('docker')).rejects.toMatchObject({ ...refused, message: 'The plan Free has 1 machine.' })
  await terminate(ports, alice, first.id)
  await on('docker')
})

test('a rented server needs a plan that has some', async () => {
  await expect(on('hetzner')).rejects.toMatchObject({ ...refused, next: expect.stringContaining('--plan basic') })
  plan = plans.basic
  await on('hetzner')
  await expect(on('docker')).rejects.toMatchObject(refused)
})

test('machines on hardware of the owner’s own are not counted', async () => {
  for (let made = 0; made < 3; made++) await on('local')
  await on('docker')
  await on('local')
})

// Mutants: the count without the lock; the count before the machine is there.
test('of many asked for at once there are as many as the plan allows', async () => {
  plan = plans.team
  const answers = await Promise.allSettled(Array.from({ length: 9 }, () => on('docker')))
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toMatchObject(refused)
})

test('a request that comes again is answered by its machine, though there is no room for another', async () => {
  const both = await Promise.all([on('docker', 'key'), on('docker', 'key')])
  expect(both[0]).toEqual(both[1])
  expect(await on('docker', 'key')).toEqual(both[0])
})
