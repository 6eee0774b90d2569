// A call of a model on Spoq credit that is struck at each of its places, or whose backend is killed there: nobody pays twice or for
// what cannot be proven, the money is free again after its time, and the row ends as what it was.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@spoq/server/db/migrate'
import { type Database, openDatabase } from '@spoq/server/db/open'
import { emptyTables, testDatabase, testPlace } from '@spoq/server/db/test-database'
import { balance } from '@spoq/server/ledger/balance'
import { openBatch } from '@spoq/server/ledger/batch'
import { post } from '@spoq/server/ledger/post'
import { sendPosts } from '@spoq/server/ledger/store'
import { emptyLedger } from '@spoq/server/ledger/test-ledger'
import { verify } from '@spoq/server/ledger/verify'
import { putMachine } from '@spoq/server/machine/test-ports'
import { endLost } from '@spoq/server/model-credit/lost'
import { metered } from '@spoq/server/model-credit/metered'
import { callMs, type ModelCreditPorts } from '@spoq/server/model-credit/ports'
import { set, show } from '@spoq/server/model-credit/set'
import { countLost } from '@spoq/server/model-credit/store'
import { makeToken } from '@spoq/server/model-credit/token'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Place, places } from '../crash/places.ts'
import { watchDialect } from '../crash/watch-database.ts'
import { type Anthropic, startAnthropic } from '../stand-ins/anthropic.ts'
import { callModel, model, type Told, tokenKey } from './model-call.ts'

const dollar = 1_000_000
/** By the vendor's table: 2, 0.2 and 10 dollars for a million; and a fifth more. */
const cost = Math.ceil((600 * 2 + 400 * 0.2 + 200 * 10) * 1.2)
const reply = { pieces: ['It is ', 'money.'], tokens: { input: 1_000, output: 200, cached: 400 } }

let vendor: Anthropic
let time: number
let logged: string[]
let refusing: boolean
beforeAll(async () => {
  vendor = await startAnthropic(() => (refusing ? { status: 400, message: 'no such thing' } : reply), [model])
})
afterAll(() => vendor.stop())
beforeEach(() => {
  time = Date.parse('2026-01-15T12:00:00Z')
  logged = []
  refusing = false
})

function portsOf({ db }: Database, asking: typeof fetch = fetch): ModelCreditPorts {
  const now = () => time
  const ledger = { db, now, batch: openBatch(posts => sendPosts(db, posts, now())) }
  const keys = new Map([['anthropic', { key: vendor.key, url: vendor.url }]] as const)
  const log: ModelCreditPorts['log'] = (_, event) => void logged.push(event)
  return { db, ledger, tokenKey, keys, baseUrl: 'https://spoq.test', fetch: asking, now, log }
}

/** A machine of alice's with a dollar and a budget; its token. */
async function open(database: Database, ports: ModelCreditPorts): Promise<string> {
  const { id } = await putMachine(database, { state: 'running' })
  const lines = [
    { account: 'customer:alice', amount: BigInt(dollar) },
    { account: 'card', amount: -BigInt(dollar) },
  ]
  await post(ports.ledger, { key: `gift-${id}`, kind: 'top_up', lines })
  await set(
    { ...ports, changed: async () => {} },
    { account: 'alice', requestId: 'req' },
    { on: true, budgetCents: 90 },
  )
  return makeToken(tokenKey, { machine: id, generation: 1 })
}

interface Row {
  outcome: string | null
  cost: number | null
  ended: boolean
}
const rowsOf = ({ query }: Database) =>
  query<Row>(
    'SELECT outcome, cost_micros::int AS cost, ended_at IS NOT NULL AS ended FROM model_call ORDER BY began_at',
  )

/** After its time, and one look: all has ended, and what was paid is what the rows say. */
async function expectEnded(database: Database, ports: ModelCreditPorts, given = dollar): Promise<Row[]> {
  time += callMs
  await endLost(ports)
  const rows = await rowsOf(database)
  await endLost(ports)
  expect(await rowsOf(database)).toEqual(rows)
  expect(rows.filter(({ ended, outcome }) => !ended || outcome === null)).toEqual([])
  const paid = rows.reduce((sum, row) => sum + (row.cost ?? 0), 0)
  const left = await balance(ports.ledger, 'customer:alice')
  expect([Number(left.available), left.held]).toEqual([given - paid, 0n])
  expect((await show(ports, 'alice')).spent).toBe((paid / 1e6).toFixed(6))
  expect((await verify(database.db, '/dev/null')).findings).toEqual([])
  expect(await countLost(database.db)).toBe(rows.filter(({ outcome }) => outcome === 'lost').length)
  return rows
}

/** A driver whose begin is done but fails leaves its connection to nobody: no backend goes on with it. */
const struck = (all: readonly Place[]) => all.filter(place => !place.startsWith('after begin'))

/** A backend that fails at a place: what it had asked for may be done, and it does not know. */
async function struckWorld() {
  const all = places(() => {
    throw new Error('struck')
  })
  const database = await testDatabase(dialect => watchDialect(dialect, all))
  const asking: typeof fetch = (...asked) => all.around('fetch', () => fetch(...asked))
  return { all, database, ports: portsOf(database, asking) }
}

/** A call from the beginning, struck there; all the places that it came by. */
async function strike({ all, database, ports }: Awaited<ReturnType<typeof struckWorld>>, at: Place | null) {
  await emptyTables(database)
  await emptyLedger(database)
  const token = await open(database, ports)
  all.arm(at)
  await callModel(ports, token).catch(() => 0)
  return all.disarm()
}

/** What the one row is in the end, by the place where it was struck; from the first that has a row. */
async function outcomesOf(world: Awaited<ReturnType<typeof struckWorld>>) {
  const trace = await strike(world, null)
  const whole = await expectEnded(world.database, world.ports)
  const outcomes: string[] = []
  for (const place of struck(trace)) {
    await strike(world, place)
    const [row] = await expectEnded(world.database, world.ports)
    expect([null, 0, whole[0]?.cost]).toContain(row?.cost ?? null)
    if (row) outcomes.push(`${/^\w+ (sql \S+ [\w.]+|\w+)/.exec(place)?.[0]}: ${row.outcome}`)
  }
  return { whole, outcomes }
}

test('struck at each of its places it is paid once or not at all, and never goes on for ever', async () => {
  const world = await struckWorld()
  expect(await outcomesOf(world)).toEqual({
    whole: [{ outcome: 'paid', cost, ended: true }],
    outcomes: [
      'after commit: lost',
      // Whoever asked was told that it came to nothing.
      'before fetch: free',
      'after fetch: free',
      'before sql SELECT ledger.post: lost',
      'after sql SELECT ledger.post: paid',
      'before sql update model_call: paid',
      'after sql update model_call: paid',
    ],
  })
  await world.database.close()
})

test('struck while it gives back what a refusal does not cost, it costs nothing', async () => {
  const world = await struckWorld()
  refusing = true
  const { whole, outcomes } = await outcomesOf(world)
  await world.database.close()
  expect(whole).toEqual([{ outcome: 'free', cost: 0, ended: true }])
  expect(outcomes.slice(3)).toEqual([
    'before sql SELECT ledger.release: lost',
    'after sql SELECT ledger.release: free',
    'before sql update model_call: free',
    'after sql update model_call: free',
  ])
})

test('what was taken late, when it was given up already, is not taken; nor is a call ended that may still go on', async () => {
  const database = await testDatabase()
  const gate = Promise.withResolvers<void>()
  const waiting = portsOf(database, async (...asked) => {
    const answer = await fetch(...asked)
    await gate.promise
    return answer
  })
  const token = await open(database, waiting)
  const calling = callModel(waiting, token)
  await expect.poll(() => rowsOf(database)).toHaveLength(1)
  time += callMs - 1
  await endLost(waiting)
  expect(await rowsOf(database)).toMatchObject([{ ended: false }])
  expect((await balance(waiting.ledger, 'customer:alice')).held).toBeGreaterThan(0n)
  // Another backend, whose clock is ahead, has given it up.
  time += 1
  await endLost(waiting)
  time -= 1_000
  gate.resolve()
  await expect(calling).rejects.toMatchObject({ code: 'hold_ended' })
  expect(await rowsOf(database)).toEqual([{ outcome: 'lost', cost: 0, ended: true }])
  expect(logged).toContain('model-credit.lost')
  await expectEnded(database, waiting)
  await database.close()
})

test('an answer that somebody leaves lying is paid when its time is over', async () => {
  const cut = new AbortController()
  const body = new ReadableStream<Uint8Array>({ pull: controller => controller.enqueue(Buffer.from('data: {}\n')) })
  const ends: unknown[] = []
  const meter = { see: () => {}, tokens: () => null }
  const [toMachine, work] = metered(body, meter, cut.signal, async tokens => void ends.push(tokens))
  await toMachine.getReader().read()
  cut.abort()
  await work
  expect(ends).toEqual([{ inputTokens: 0, outputTokens: expect.any(Number) }])
})

let folder: string
afterEach(() => {
  if (folder) rmSync(folder, { recursive: true, force: true })
})

test('a backend that is killed in the middle', { timeout: 300_000 }, async () => {
  folder = mkdtempSync(join(tmpdir(), 'spoq-model-call-'))
  const place = await testPlace()
  const at = { dataDir: folder, url: place.url }
  const opened = async () => {
    const database = await openDatabase(at)
    return { database, ports: portsOf(database) }
  }
  const first = await opened()
  await migrate(first.database.db)
  const token = await open(first.database, first.ports)
  await first.database.close()

  const kill = async (killAt: Place) => {
    const told: Told = { ...at, vendor: { key: vendor.key, url: vendor.url }, token, now: time, killAt }
    const child = fork(join(import.meta.dirname, 'model-call.ts'), [JSON.stringify(told)], {
      env: { PATH: process.env.PATH },
      execArgv: [],
    })
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL')
    const { database, ports } = await opened()
    const rows = await expectEnded(database, ports)
    await database.close()
    return rows.map(({ outcome }) => outcome)
  }
  const world = await struckWorld()
  const trace = await strike(world, null)
  await world.database.close()
  const outcomes: (string | null)[] = []
  for (const [begins, outcome] of [
    ['after sql insert into model_call', null],
    ['after commit', 'lost'],
    ['after fetch', 'lost'],
    ['before sql SELECT ledger.post', 'lost'],
    ['after sql SELECT ledger.post', 'paid'],
    ['after sql update model_call', 'paid'],
  ] as const) {
    if (outcome) outcomes.push(outcome)
    expect(await kill(trace.find(one => one.startsWith(begins)) ?? '')).toEqual(outcomes)
  }
  await place.drop()
})
