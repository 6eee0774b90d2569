// Models on Spoq credit: a machine's call goes through the backend to the vendor, and costs what it did cost.

import type { AccountVendor } from '@spoq/contracts/model-key'
import type { Database } from '@spoq/server/db/open'
import { emptyTables, testDatabase } from '@spoq/server/db/test-database'
import { balance } from '@spoq/server/ledger/balance'
import { emptyLedger, type TestLedger, testLedger } from '@spoq/server/ledger/test-ledger'
import { putMachine } from '@spoq/server/machine/test-ports'
import type { ModelCreditPorts } from '@spoq/server/model-credit/ports'
import { withCredit } from '@spoq/server/model-credit/pushed'
import { relay } from '@spoq/server/model-credit/relay'
import { set, show } from '@spoq/server/model-credit/set'
import { makeToken } from '@spoq/server/model-credit/token'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Anthropic, startAnthropic } from '../stand-ins/anthropic.ts'
import type { Script } from '../stand-ins/script.ts'

let database: Database
let ledger: TestLedger
let vendor: Anthropic
let ports: ModelCreditPorts
let machine: string
let token: string
let goesOn: Promise<void>[]
let time: number

const model = 'claude-sonnet-5'
const dollars = (amount: number) => BigInt(Math.round(amount * 1e6))
const asker = { account: 'alice', requestId: 'req_alice' }

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  await emptyTables(database)
  await emptyLedger(database)
  time = Date.parse('2026-01-31T12:00:00Z')
  goesOn = []
})
afterEach(async () => {
  await Promise.all(goesOn)
  expect(await ledger.findings()).toEqual([])
  expect((await balance(ledger, 'customer:alice')).held).toBe(0n)
  await vendor.stop()
})

/** A machine of alice's, with so much credit and models turned on. */
async function open(credit: number, script: Script, budgetCents: number | null = null) {
  vendor = await startAnthropic(script, [model])
  ledger = testLedger(database)
  const keys = new Map([['anthropic', { key: vendor.key, url: vendor.url }]] as const)
  ports = {
    ...{ db: database.db, ledger, tokenKey: 'a key for tokens', keys, baseUrl: 'https://spoq.test', fetch },
    ...{ now: () => time, log: () => {} },
  }
  machine = (await putMachine(database, { state: 'running' })).id
  token = makeToken(ports.tokenKey, { machine, generation: 1 })
  if (credit > 0) await ledger.give('customer:alice', dollars(credit))
  await turn(true, budgetCents)
}

const turn = (on: boolean, budgetCents?: number | null) =>
  set({ ...ports, changed: async () => {} }, asker, { on, ...(budgetCents === undefined ? {} : { budgetCents }) })

const question = (more: object = {}) => ({
  ...{ model, max_tokens: 1_000, stream: true },
  messages: [{ role: 'user', content: [{ type: 'text', text: 'What is a hold?' }] }],
  ...more,
})

/** Asks as a Conductor does: it thinks that this is the vendor. */
async function ask({ body = question() as unknown, key = token, path = '/messages', signal }: Asking = {}) {
  const init = { method: 'POST', body: JSON.stringify(body), ...(signal ? { signal } : {}) }
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': key }
  const request = new Request(`https://spoq.test/model/anthropic${path}`, { ...init, headers })
  const answer = await relay(ports, request, work => void goesOn.push(work))
  if (!answer) throw new Error('nobody answers')
  return answer
}
interface Asking {
  body?: unknown
  key?: string
  path?: string
  signal?: AbortSignal
}

/** The whole answer, once it is paid. */
async function said(asking: Asking = {}) {
  const answer = await ask(asking)
  const text = await answer.text()
  await Promise.all(goesOn)
  return { status: answer.status, text }
}

const left = async () => (await balance(ledger, 'customer:alice')).available
const reply = { pieces: ['It is ', 'money.'], tokens: { input: 1_000, output: 200, cached: 400 } }
/** By the vendor's table: 2, 0.2 and 10 dollars for a million; and a fifth more. */
const cost = Math.ceil((600 * 2 + 400 * 0.2 + 200 * 10) * 1.2)

describe('a call', () => {
  test('is answered by the vendor, with our key alone, and costs what the vendor has counted and a fifth more', async () => {
    await open(1, [reply])
    const { status, text } = await said()
    expect([status, text.includes('It is '), text.includes('message_stop')]).toEqual([200, true, true])
    expect(vendor.asked.map(({ key }) => key)).toEqual([vendor.key])
    expect(await left()).toBe(dollars(1) - BigInt(cost))
    expect(await show(ports, 'alice')).toMatchObject({ on: true, spent: (cost / 1e6).toFixed(6), markup: 20 })
    expect(text).not.toContain(vendor.key)
  })

  test('is not made where the credit does not reach for all that it may cost', async () => {
    await open(0.001, [reply])
    const { status, text } = await said()
    expect([status, JSON.parse(text).error]).toEqual([
      402,
      { type: 'billing_error', message: expect.stringContaining('spoq credit top-up') },
    ])
    expect(vendor.asked).toHaveLength(0)
    expect(await left()).toBe(dollars(0.001))
  })

  test('of many at once no more are made than the credit reaches for', async () => {
    // Each may cost 0.0123 dollars.
    await open(0.05, [reply])
    const answers = await Promise.all(Array.from({ length: 20 }, () => said()))
    const made = answers.filter(({ status }) => status === 200).length
    expect(made).toBeGreaterThan(1)
    // Ten, were each over before the next is begun.
    expect(made).toBeLessThanOrEqual(10)
    expect(vendor.asked).toHaveLength(made)
    expect(await left()).toBe(dollars(0.05) - BigInt(cost * made))
  })

  test('past the budget of the month is not made; the next month it is', async () => {
    await open(1, [reply], 2)
    // Two, were each over before the next is begun; of many at once too few are made rather than too many.
    const answers = await Promise.all(Array.from({ length: 5 }, () => said()))
    const made = answers.filter(one => one.status === 200).length
    expect([1, 2]).toContain(made)
    if (made === 1) expect((await said()).status).toBe(200)
    const { status, text } = await said()
    expect([status, text]).toEqual([402, expect.stringContaining('--budget')])
    time = Date.parse('2026-02-01T00:00:00Z')
    expect((await said()).status).toBe(200)
  })

  test('that the vendor refuses costs nothing, and its words are told', async () => {
    await open(1, [
      { status: 429, message: 'slow down', retryAfter: 3 },
      { status: 400, message: 'no such thing' },
      reply,
    ])
    const answer = await ask()
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '3'])
    expect((await said()).status).toBe(400)
    expect(await left()).toBe(dollars(1))
    expect((await said()).status).toBe(200)
  })

  test('whose answer is cut off costs what was counted until then', async () => {
    await open(1, [{ ...reply, cut: true }])
    await expect(said()).rejects.toThrow()
    await Promise.all(goesOn)
    const paid = dollars(1) - (await left())
    expect(paid).toBeGreaterThan(0n)
    expect(paid).toBeLessThan(BigInt(cost))
  })

  test('that nobody waits for any more is ended at the vendor, and costs what was counted until then', async () => {
    await open(1, [{ pieces: ['It is '], hang: true, tokens: reply.tokens }])
    const gone = new AbortController()
    const answer = await ask({ signal: gone.signal })
    await answer.body?.getReader().read()
    gone.abort()
    await answer.body?.cancel().catch(() => {})
    await expect.poll(() => left()).toBeLessThan(dollars(1))
    await Promise.all(goesOn)
  })

  test('of a model without a known price, or of no form that can be counted, is not made', async () => {
    await open(1, [reply])
    expect((await said({ body: question({ model: 'claude-99' }) })).status).toBe(404)
    expect((await said({ body: question({ max_tokens: undefined }) })).status).toBe(400)
    expect((await said({ body: 'x' })).status).toBe(400)
    expect((await said({ path: '/messages/batches' })).status).toBe(404)
    expect(vendor.asked).toHaveLength(0)
  })
})

describe('a token', () => {
  test('is one machine’s, and no other’s: forged, of another kind, of an earlier time it opens nothing', async () => {
    await open(1, [reply])
    const others = await putMachine(database, { account_id: 'bob', state: 'running' })
    const forged = makeToken('another key', { machine, generation: 1 })
    const swapped = token.replace(machine, others.id)
    for (const key of ['', 'sk-ant-x', forged, swapped, token.slice(0, -1), `${token}x`])
      expect((await said({ key })).status).toBe(401)
    // Bob has not turned it on; hers goes on his bill no more than his on hers.
    expect((await said({ key: makeToken(ports.tokenKey, { machine: others.id, generation: 1 }) })).status).toBe(403)
    expect(vendor.asked).toHaveLength(0)
  })

  test('is worthless once it is turned off, and stays so when it is on again', async () => {
    await open(1, [reply])
    await turn(false)
    expect((await said()).status).toBe(403)
    await turn(true)
    expect((await said()).status).toBe(403)
    expect((await said({ key: makeToken(ports.tokenKey, { machine, generation: 2 }) })).status).toBe(200)
  })

  test('of a machine that is gone is none', async () => {
    await open(1, [reply])
    await database.db.updateTable('machine').set({ state: 'terminated' }).where('id', '=', machine).execute()
    expect((await said()).status).toBe(401)
  })
})

test('machines are told of it as of a key, where their account has none of its own for that vendor', async () => {
  await open(1, [reply])
  const own = (keys: { vendor: AccountVendor; url: string; key: string }[]) => ({
    versionsOf: async () => new Map(keys.length > 0 ? [['alice', ['secret_1']]] : []),
    openOf: async () => ({ versions: keys.length > 0 ? ['secret_1'] : [], keys }),
  })
  const told = withCredit(own([]), ports)
  const { versions, keys } = await told.openOf('alice', machine)
  expect(keys).toEqual([{ vendor: 'anthropic', url: 'https://spoq.test/model/anthropic', key: token }])
  expect((await told.versionsOf(['alice', 'bob'])).get('alice')).toEqual(versions)
  expect((await told.versionsOf(['alice', 'bob'])).has('bob')).toBe(false)
  const hers = { vendor: 'anthropic', url: 'https://api.anthropic.com/v1', key: 'sk-ant-hers' } as const
  expect((await withCredit(own([hers]), ports).openOf('alice', machine)).keys).toEqual([hers])
  await turn(false)
  expect((await told.openOf('alice', machine)).keys).toEqual([])
  expect((await told.versionsOf(['alice'])).has('alice')).toBe(false)
})
