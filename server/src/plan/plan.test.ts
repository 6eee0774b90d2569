import { planNames, soldPlans } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AccountTables, keepAccount } from '../account/store.ts'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { give } from './give.ts'
import { assertWithin, type CountedLimit, type Wish } from './limit.ts'
import { planOf } from './of.ts'
import { keepPlan } from './store.ts'
import { plans } from './table.ts'

function refusal(plan: keyof typeof plans, wish: Wish) {
  try {
    assertWithin(plans[plan], wish)
  } catch (error) {
    if (error instanceof SpoqError) return { code: error.code, message: error.message, next: error.next }
    throw error
  }
  return null
}

describe('a limit', () => {
  test.each(planNames)('of %s is kept to the last one, and no further', name => {
    const counted = Object.entries(plans[name].limits).filter(([, most]) => typeof most === 'number')
    for (const [limit, most] of counted) {
      if (limit === 'backupDays' || limit === 'idleMinutes') continue
      expect(refusal(name, { limit: limit as CountedLimit, count: most as number })).toBeNull()
      expect(refusal(name, { limit: limit as CountedLimit, count: (most as number) + 1 })).toMatchObject({
        code: 'plan_limit',
      })
    }
  })

  test('names the cheapest plan that allows more', () => {
    expect(refusal('free', { limit: 'machines', count: 2 })).toEqual({
      code: 'plan_limit',
      message: 'The plan Free has 1 machine.',
      next: 'Team has 5 machines: run spoq subscribe --plan team.',
    })
    expect(refusal('free', { limit: 'hardware', on: 'rented' })?.next).toContain('--plan basic')
    expect(refusal('basic', { limit: 'customDomains' })?.next).toContain('--plan pro')
    expect(refusal('free', { limit: 'messages', count: 101 })?.next).toBe(
      'Basic has any number of messages a month: run spoq subscribe --plan basic.',
    )
    expect(refusal('basic', { limit: 'machine', size: { cpus: 2, memoryMb: 4_096, diskGb: 20 } })?.next).toBe(
      'Team has machines of up to 2 CPUs, 4096 MB of memory and 50 GB of disk: run spoq subscribe --plan team.',
    )
  })

  test('of nothing is none', () => {
    expect(refusal('enterprise', { limit: 'machines', count: 1e9 })).toBeNull()
    expect(refusal('enterprise', { limit: 'machine', size: { cpus: 96, memoryMb: 1e6, diskGb: 1e6 } })).toBeNull()
  })
})

// A mutant: a plan that allows less of something than a cheaper one.
test('a dearer plan allows all that a cheaper one does', () => {
  for (const [at, name] of planNames.entries()) {
    const [less, more] = [plans[name].limits, plans[planNames[at + 1] ?? name].limits]
    for (const limit of Object.keys(less) as (keyof typeof less)[]) {
      const [a, b] = [less[limit], more[limit]]
      if (limit === 'idleMinutes') expect(b === null || b === a).toBe(true)
      else if (typeof a === 'number') expect(b === null || (b as number) >= a, `${limit} of ${name}`).toBe(true)
      else if (a === null) expect(b).toBeNull()
    }
  }
})

test('those with a price, and they alone, are named as for sale', () => {
  expect(planNames.filter(name => plans[name].price.month)).toEqual([...soldPlans])
})

describe('the plan of an account', () => {
  let database: Database
  const asker = { account: 'root', requestId: 'req_root' }
  const now = () => 1_700_000_000_000
  const ports = () => ({ db: database.db, usual: 'free' as const, now, changed: async () => {} })
  const named = async () => {
    const { plan, source } = await planOf(ports(), 'alice')
    return `${plan.name} ${source}`
  }
  beforeAll(async () => {
    database = await testDatabase()
  })
  beforeEach(async () => {
    await emptyTables(database, 'account')
    const alice = {
      id: 'alice',
      email: 'Alice@Example.com',
      name: 'Alice',
      createdAt: new Date(0),
      emailVerified: true,
    }
    await keepAccount(database.db.withTables<AccountTables>(), alice)
  })
  afterAll(() => database.close())

  test('is the usual one, then what it paid for, then what it was given; and back', async () => {
    expect(await named()).toBe('free default')
    await keepPlan(database.db, 'alice', { bought: 'pro' }, now())
    expect(await named()).toBe('pro bought')
    await give(ports(), asker, { email: 'alice@example.com', plan: 'enterprise', reason: 'contract 7' })
    expect(await named()).toBe('enterprise given')
    await give(ports(), asker, { email: 'alice@example.com', plan: null, reason: 'ended' })
    expect(await named()).toBe('pro bought')
    const records = await listRecords(database.db, 'alice')
    expect(records.map(({ action, from, to, reason }) => [action, from, to, reason]).sort()).toEqual([
      ['plan.give', 'enterprise', 'none', 'ended'],
      ['plan.give', 'none', 'enterprise', 'contract 7'],
    ])
  })

  test('is given to nobody who is not there', async () => {
    const nobody = give(ports(), asker, { email: 'bob@example.com', plan: 'pro', reason: 'x' })
    await expect(nobody).rejects.toMatchObject({ code: 'account_not_found' })
  })
})
