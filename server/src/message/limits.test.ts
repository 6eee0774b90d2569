import { messageLimits as shape } from '@spoq/contracts/message'
import type { PlanName } from '@spoq/contracts/plan'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import type { MachineRow } from '../db/tables.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { putMachine } from '../machine/test-ports.ts'
import { keepPlan } from '../plan/store.ts'
import { messageLimits } from './limits.ts'
import { keepCount } from './store.ts'
import { messageUses } from './uses.ts'

const december = Date.parse('2026-12-01T00:00:00Z')
const basic = 'Basic has any number of messages a month: run spoq subscribe --plan basic.'
const onBasic = 'Basic has 2000 messages a month on Spoq credit: run spoq subscribe --plan basic.'
const capable = (hardware?: string) => ({ capabilities: hardware ? { hardware } : {} }) as never
const providers = new Map([
  ['docker', capable('fleet')],
  ['hetzner', capable()],
  ['local', capable('own')],
] as const)

let database: Database
let time: number
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  time = december - 1_000
})
afterAll(() => database.close())

const limitsOf = async (...rows: MachineRow[]) => {
  const all = await messageLimits({ db: database.db, usual: 'free', providers, now: () => time }, rows)
  return rows.map(({ id }) => all.get(id))
}
const count = ({ id }: MachineRow, all: number, onCredit = 0, month = '2026-11') =>
  keepCount(database.db, id, { month, all, onCredit })
const has = (plan: PlanName) => keepPlan(database.db, 'alice', { bought: plan }, 0)
const docker = (put: Parameters<typeof putMachine>[1] = {}) => putMachine(database, { provider: 'docker', ...put })

test('on the fleet all messages are limited by the plan; elsewhere, and of what is paid from credit, those on Spoq credit alone', async () => {
  const elsewhere = [await putMachine(database, { provider: 'hetzner' }), await docker({ template: 'seedbox' })]
  const rows = [await docker(), ...elsewhere]
  const credit = { most: 100, elsewhere: 0, here: 0, next: onBasic }
  const others = { plan: 'Free', month: '2026-11', all: null, onCredit: credit }
  expect(await limitsOf(...rows)).toEqual([{ ...others, all: { ...credit, next: basic } }, others, others])
  await has('basic')
  const [on] = await limitsOf(...rows)
  expect(on).toMatchObject({
    plan: 'Basic',
    all: null,
    onCredit: { most: 2_000, next: expect.stringContaining('Pro has any number') },
  })
  await has('pro')
  expect(await limitsOf(...rows)).toEqual([undefined, undefined, undefined])
})

test('what other machines of the account used counts, ended ones too; what others’ machines used does not', async () => {
  const [one, other, ended] = [await docker(), await docker(), await docker({ state: 'terminated' })]
  const own = await putMachine(database)
  const bobs = await docker({ account_id: 'bob' })
  const spare = await docker({ account_id: null })
  for (const [machine, all] of [
    [one, 1],
    [other, 10],
    [ended, 20],
    [own, 40],
    [bobs, 80],
  ] as const)
    await count(machine, all, all)
  const [first, second, third, his, none] = await limitsOf(one, other, own, bobs, spare)
  expect(first).toMatchObject({ all: { elsewhere: 30, here: 1 }, onCredit: { elsewhere: 70, here: 1 } })
  expect(second).toMatchObject({ all: { elsewhere: 21, here: 10 } })
  expect(third).toMatchObject({ all: null, onCredit: { elsewhere: 31, here: 40 } })
  expect(his).toMatchObject({ all: { elsewhere: 0, here: 80 } })
  expect(none).toBeUndefined()
})

test.each([
  [-1_000, '2026-11', 5],
  [-1, '2026-11', 5],
  [0, '2026-12', 0],
  [1_000, '2026-12', 0],
])('%i ms from the first moment of December it is %s', async (ms, month, elsewhere) => {
  const [one, other] = [await docker(), await docker()]
  await count(other, 5)
  time = december + ms
  expect(await limitsOf(one)).toMatchObject([{ month, all: { elsewhere } }])
})

test('an account sees what it used of each limit, and nothing where there is none', async () => {
  const [one, ended, own] = [await docker(), await docker({ state: 'terminated' }), await putMachine(database)]
  await count(one, 5, 1)
  await count(ended, 7)
  await count(own, 50, 2)
  await count(await docker({ account_id: 'bob' }), 90, 90)
  const uses = () => messageUses({ db: database.db, usual: 'free', providers, now: () => time }, 'alice')
  const until = '2026-12-01T00:00:00.000Z'
  const onCredit = { used: 3, most: 100, onCredit: true, until }
  expect(await uses()).toEqual([{ used: 12, most: 100, onCredit: false, until }, onCredit])
  await has('basic')
  expect(await uses()).toEqual([{ ...onCredit, most: 2_000 }])
  await has('pro')
  expect(await uses()).toEqual([])
})

test('a number that is too great to be true is told as what a machine takes', async () => {
  const [one, ...others] = [await docker(), await docker(), await docker()]
  for (const other of others) await count(other, 1_000_000_000)
  const [limits] = await limitsOf(one as MachineRow)
  expect(shape.safeParse(limits).success).toBe(true)
})
