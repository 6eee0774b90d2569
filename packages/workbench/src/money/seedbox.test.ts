// A machine that is paid from credit: what has to be there before it is made, each of its days paid once, and nothing lost or
// doubled when the backend ends anywhere.

import { record } from '@spoq/server/audit/record'
import { beginPrepaid } from '@spoq/server/credit/begin-prepaid'
import { dailyMicrosOf, prepaidOf } from '@spoq/server/credit/prepaid'
import type { Database } from '@spoq/server/db/open'
import { emptyTables, testDatabase } from '@spoq/server/db/test-database'
import { mortal } from '@spoq/server/db/test-mortal'
import { timesOf } from '@spoq/server/ending/ending'
import { onCreditGone } from '@spoq/server/ending/on-credit-gone'
import { emptyLedger } from '@spoq/server/ledger/test-ledger'
import { create } from '@spoq/server/machine/create'
import { onCreditChanged } from '@spoq/server/machine/on-credit-changed'
import { onPlanChanged } from '@spoq/server/machine/on-plan-changed'
import type { MachinePorts } from '@spoq/server/machine/ports'
import { terminate } from '@spoq/server/machine/terminate'
import { plans } from '@spoq/server/plan/table'
import { accept } from '@spoq/server/policy/accept'
import { policies } from '@spoq/server/policy/table'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { alice, type CreditWorld, day, hour, openCreditWorld } from './credit-world.ts'

const life = mortal()
const { version } = policies['acceptable-use']
let database: Database
let world: CreditWorld
let ports: MachinePorts
beforeAll(async () => {
  database = await testDatabase(life.wrap)
})
beforeEach(async () => {
  await emptyTables(database)
  await emptyLedger(database)
  world = await openCreditWorld(database)
  const provider = (hardware: string, ...workloads: string[]) => ({ capabilities: { hardware, workloads } }) as never
  ports = {
    ...world.machines,
    providers: new Map([
      ['docker', provider('fleet', 'general', 'torrent')],
      ['local', provider('own', 'general', 'torrent')],
      ['hetzner', provider('rented', 'general')],
    ]),
    isVerified: async () => true,
    planOf: async () => plans.free,
    prepay: (trx, machine) => beginPrepaid(world.credit, trx, machine),
  }
  await accept({ db: database.db, now: world.shop.clock }, alice, 'acceptable-use', version)
})
afterEach(async () => {
  life.revive()
  expect(await world.findings()).toEqual([])
  await world.stop()
})
afterAll(() => database.close())

const seedbox = (key?: string, provider: 'docker' | 'hetzner' | 'local' = 'docker') =>
  create(ports, alice, { template: 'seedbox', provider }, key)

/** As the reconciler leaves it. */
const runs = (id: string) => database.db.updateTable('machine').set({ state: 'running' }).where('id', '=', id).execute()

test('it is made when the credit is enough for a week, and its first day is paid with it', async () => {
  await expect(seedbox()).rejects.toMatchObject({
    code: 'credit_short',
    message: 'It costs $0.20 a day; your credit is enough for 0 days, and has to be for 7.',
    next: 'Add some: spoq credit top-up 5.',
  })
  expect([await world.count('machine'), await world.count('prepaid')]).toEqual([0, 0])
  await world.buy(500)
  const { id, template } = await seedbox()
  expect([template, await prepaidOf(database.db, 'alice'), await world.available()]).toEqual(['seedbox', [id], 4.8])
  // Three more days for both are short of a week: the next one has to leave room for the one that there is.
  for (let made = 1; made < 3; made++) await seedbox()
  await expect(seedbox()).rejects.toMatchObject({ code: 'credit_short' })
})

// Mutant, on a PostgreSQL: each looks at the credit without its turn. Names of their own, as one waits for another's name.
test('of many asked for at once there are no more than the credit is enough for', async () => {
  await world.buy(500)
  const named = (name: string) => create(ports, alice, { template: 'seedbox', provider: 'docker', name }, undefined)
  const answers = await Promise.allSettled(Array.from({ length: 6 }, (_, at) => named(`box-${at}`)))
  const made = answers.filter(({ status }) => status === 'fulfilled')
  expect(await world.available()).toBeCloseTo(5 - 0.2 * made.length)
  // The last one found a week for all of them before its own first day was taken.
  expect(5 - 0.2 * (made.length - 1)).toBeGreaterThanOrEqual(7 * 0.2 * made.length)
  expect(await world.count('prepaid')).toBe(made.length)
})

test('only what is accepted as it holds now, on a provider that allows it, as a template that there is', async () => {
  await world.buy(500)
  await expect(seedbox(undefined, 'hetzner')).rejects.toMatchObject({
    code: 'workload_refused',
    next: 'These do: docker, local.',
  })
  const rentedFirst = new Map([...ports.providers].reverse())
  const chosen = await create({ ...ports, providers: rentedFirst }, alice, { template: 'seedbox' }, undefined)
  expect([[...rentedFirst.keys()][0], chosen.provider]).toEqual(['hetzner', 'local'])
  await expect(create(ports, alice, { template: 'openclaw' }, undefined)).rejects.toMatchObject({
    code: 'template_unknown',
  })
  const bob = { account: 'bob', requestId: 'req_bob' }
  const asked = { template: 'seedbox', provider: 'docker' } as const
  await expect(create(ports, bob, asked, undefined)).rejects.toMatchObject({ code: 'policy_unaccepted' })
  await database.db.updateTable('policy_acceptance').set({ version: '2020-01-01' }).execute()
  await expect(seedbox()).rejects.toMatchObject({ code: 'policy_unaccepted' })
  expect([await world.count('machine'), await world.available()]).toEqual([1, 4.8])
})

test('no token of a script makes one: money is spent by people', async () => {
  await world.buy(500)
  const script = { ...alice, limited: { kind: 'token', id: 'token_1', name: 'ci', machine: null } }
  const asked = { template: 'seedbox', provider: 'docker' } as const
  await expect(create(ports, script, asked, undefined)).rejects.toMatchObject({ code: 'scope_missing' })
  expect(await create(ports, script, { provider: 'docker' }, undefined)).toMatchObject({ template: 'spoq' })
  expect(await world.available()).toBe(5)
})

test('a plan neither counts nor suspends it, and it takes no room from the machines of the plan', async () => {
  await world.buy(1_000)
  const { id } = await seedbox()
  await seedbox()
  const own = await create(ports, alice, { provider: 'docker' }, undefined)
  await expect(create(ports, alice, { provider: 'docker' }, undefined)).rejects.toMatchObject({ code: 'plan_limit' })
  await database.db.transaction().execute(trx => onPlanChanged(ports, trx, 'alice', null))
  expect([await world.holds(id), await world.holds(own.id)]).toEqual([[], ['past_due']])
})

// Mutants: the day of the end not taken; the first day taken again when it is over.
test.each([
  ['within an hour', hour, 1],
  ['the next day', day, 2],
  ['three days later', 3 * day, 4],
])('a machine that ends %s has paid each day that it was there, once', async (_, ms, days) => {
  await world.buy(500)
  const { id } = await seedbox()
  await runs(id)
  await world.pass(ms)
  await terminate(ports, alice, id)
  await world.settle()
  await world.pass(5 * day)
  expect([await world.available(), await dailyMicrosOf(database.db, 'alice')]).toEqual([5 - 0.2 * days, 0n])
})

// Mutants: given back twice; given back too where it ran before it failed.
test.each([
  ['could not be made costs nothing', false, 5],
  ['ran before it failed has paid its first day', true, 4.8],
])('one that %s', async (_, ran, left) => {
  await world.buy(500)
  const { id } = await seedbox()
  const said = { actor: 'test', action: 'machine.run', resource: id, to: 'running' }
  if (ran) await database.db.transaction().execute(trx => record(trx, said, world.shop.clock()))
  await database.db.updateTable('machine').set({ state: 'failed' }).where('id', '=', id).execute()
  await world.pass(3 * day)
  expect(await world.available()).toBe(4.8)
  await terminate(ports, alice, id)
  await terminate(ports, alice, id)
  await world.settle()
  expect(await world.available()).toBe(left)
})

test('what is suspended for want of credit is kept for 30 days, and then ends as any machine does', async () => {
  await world.buy(500)
  const { id } = await seedbox()
  const own = await create(ports, alice, { provider: 'local' }, undefined)
  await runs(id)
  const letters = { mail: world.credit.mail, log: world.credit.log, verify: async () => {}, wakeBackups: () => {} }
  const linkOf = (backup: string) => `http://spoq.test/backups/${backup}`
  const endings = { ...ports, ...letters, linkOf, times: timesOf(7), copies: true }
  world.credit.reaches = async (trx, account, { isEmpty, isGone, to }) => {
    await onCreditChanged(ports, trx, account, isEmpty)
    if (isGone) await onCreditGone(endings, trx, account, to)
  }
  const ending = async (machine: string) =>
    (await database.db.selectFrom('machine').selectAll().where('id', '=', machine).executeTakeFirstOrThrow()).ending
  await world.spend(480, 'spent')
  await world.settle()
  await world.pass(30 * day - hour)
  expect([await world.holds(id), await ending(id)]).toEqual([['balance'], null])
  await world.pass(hour)
  const endsAt = new Date(world.shop.clock() + day).toISOString()
  expect([await ending(id), await ending(own.id)]).toEqual([expect.objectContaining({ endsAt, copy: 'making' }), null])
  expect(world.mails.at(-1)?.subject).toContain(`ends on ${endsAt.slice(0, 10)}`)
  // Looked at again it is not begun again.
  await world.pass(hour)
  expect((await ending(id))?.endsAt).toBe(endsAt)
})

/** Ends the process at each await of the work, before and after its effect, until none is met any more. */
async function endedEverywhere(work: (round: number) => Promise<unknown>, then: (round: number) => Promise<void>) {
  let round = 0
  for (const effect of [false, true])
    for (let left = 0; ; left++, round++) {
      life.arm(left, effect)
      await work(round).catch(() => {})
      const ended = life.revive()
      await then(round)
      if (!ended) break
    }
  return round
}

test('a backend that ends at any await of its making leaves no machine that is not paid, and no payment without one', async () => {
  await world.buy(10_000)
  const paid = async () => {
    const machines = await world.count('machine')
    expect([await world.count('prepaid'), await world.available()]).toEqual([
      machines,
      expect.closeTo(100 - 0.2 * machines, 6),
    ])
    return machines
  }
  const rounds = await endedEverywhere(
    round => seedbox(`key-${round}`),
    async round => {
      await paid()
      const again = await Promise.all([seedbox(`key-${round}`), seedbox(`key-${round}`)])
      expect(again[0]).toEqual(again[1])
      expect(await paid()).toBe(round + 1)
    },
  )
  expect(rounds).toBeGreaterThan(10)
}, 120_000)

test('and of its end none that is paid for longer, and none whose last day is not paid', async () => {
  await world.buy(10_000)
  let left = 100
  const made = async () => {
    const { id } = await seedbox()
    await runs(id)
    await database.query('UPDATE prepaid SET charged_to = charged_to - 1')
    left -= 0.2
    return id
  }
  let id = await made()
  const rounds = await endedEverywhere(
    () => terminate(ports, alice, id),
    async () => {
      await terminate(ports, alice, id)
      await world.settle()
      left -= 0.2
      expect([await world.available(), await prepaidOf(database.db, 'alice')]).toEqual([expect.closeTo(left, 6), []])
      id = await made()
    },
  )
  expect(rounds).toBeGreaterThan(4)
}, 120_000)
