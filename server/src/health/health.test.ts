import { expect, onTestFinished, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { NewMachineRow } from '../db/tables.ts'
import { testDatabase } from '../db/test-database.ts'
import { findMachine } from '../machine/store.ts'
import { putMachine, testPorts } from '../machine/test-ports.ts'
import { fakeProvider } from '../reconcile/fake-provider.ts'
import { listTasks } from '../task/store.ts'
import { healthCheck } from './check.ts'
import type { Outcome } from './health.ts'
import { countHealth } from './store.ts'

const ok: Outcome = { kind: 'ok' }
const failed: Outcome = { kind: 'failed', reason: 'It does not answer in time.' }
const ours: Outcome = { kind: 'ours', reason: 'It cannot be asked from here (EAI_AGAIN).' }

async function world() {
  const database = await testDatabase()
  onTestFinished(() => database.close())
  let time = Date.parse('2026-11-21T10:00:00Z')
  const answers = new Map<string, Outcome>()
  const mails: string[] = []
  const limited = new Set<string>()
  const counted: string[] = []
  let asking = 0
  let most = 0
  const providers = [
    fakeProvider(() => time),
    { ...fakeProvider(() => time, { setUp: 'script' }), name: 'hetzner' as const },
  ]
  const verbs = testPorts(database, new Map(providers.map(provider => [provider.name, provider])))
  const check = healthCheck({
    ...verbs,
    now: () => time,
    log: () => {},
    messages: {
      limited: async rows => new Set(rows.map(({ id }) => id).filter(id => limited.has(id))),
      count: async ({ id }) => {
        counted.push(id)
      },
    },
    mail: {
      put: async (_, { subject }) => {
        mails.push(subject)
      },
      wake: () => {},
    },
    probe: async ({ id }) => {
      most = Math.max(most, ++asking)
      await new Promise(setImmediate)
      asking--
      return answers.get(id) ?? ok
    },
  })
  /** Looks so often, half a minute apart. */
  const look = async (times = 1) => {
    for (let n = 0; n < times; n++) {
      time += 30_000
      await check()
    }
  }
  const machine = (put: Partial<NewMachineRow> = {}) =>
    putMachine(database, { state: 'running', endpoint: 'http://127.0.0.1:9', ...put }).then(({ id }) => id)
  const health = async (id: string) => (await findMachine(database.db, id))?.health ?? null
  const restarts = (id: string) => listTasks(database.db, id, 'restart')
  const done = () => database.query("UPDATE machine_task SET state = 'done'")
  const actions = async (id: string) => (await listRecords(database.db, id)).map(({ action }) => action)
  const peak = () => most
  return { database, answers, mails, look, machine, health, restarts, done, actions, peak, verbs, limited, counted }
}

test('of those that answer, the ones with a limit are asked for what they count', async () => {
  const { answers, look, machine, limited, counted } = await world()
  const [well, away] = [await machine(), await machine()]
  await machine()
  limited.add(well).add(away)
  answers.set(away, failed)
  await look(2)
  expect(counted).toEqual([well, well])
})

test('after three failures in a row a machine is unhealthy, and is restarted; well again it is healthy', async () => {
  const { answers, look, machine, health, restarts, done, actions, verbs, database } = await world()
  const id = await machine()
  await look()
  expect(await health(id)).toMatchObject({ state: 'healthy', since: '2026-11-21T10:00:30.000Z' })
  answers.set(id, failed)
  await look(2)
  answers.set(id, ok)
  await look()
  answers.set(id, failed)
  await look(2)
  expect(await health(id)).toMatchObject({ state: 'healthy', since: '2026-11-21T10:00:30.000Z' })
  expect(await restarts(id)).toEqual([])
  await look()
  expect(await health(id)).toMatchObject({ state: 'unhealthy', reason: failed.reason, restarts: 1 })
  expect(await restarts(id)).toHaveLength(1)
  expect(verbs.woken).toEqual([id])
  expect(await countHealth(database.db)).toEqual({ healthy: 0, unhealthy: 1 })
  await done()
  answers.set(id, ok)
  await look()
  expect(await health(id)).toMatchObject({ state: 'healthy' })
  expect(await actions(id)).toEqual(['machine.unhealthy', 'machine.restart', 'machine.healthy'])
  const { version } = (await findMachine(database.db, id)) ?? {}
  expect(version, 'the reconciler is not disturbed').toBe(1)
})

test('restarts come with growing pauses and have a limit; the owner is told once, after ten minutes', async () => {
  const { answers, look, machine, restarts, done, mails } = await world()
  const id = await machine()
  answers.set(id, failed)
  const when: number[] = []
  for (let n = 0; n < 400; n++) {
    const before = (await restarts(id)).length
    await look()
    if ((await restarts(id)).length > before) when.push(n)
    await done()
    if (n < 22) expect(mails).toEqual([])
  }
  const pauses = when.slice(1).map((at, n) => at - (when[n] ?? 0))
  expect(pauses).toEqual([4, 8, 16, 32])
  expect(mails).toEqual([expect.stringMatching(/^Your machine m-\w+ does not answer$/)])
})

test('what a task, its owner or a hold has in hand is left alone, and servers are not restarted from here', async () => {
  const { answers, look, machine, health, restarts, database } = await world()
  const busy = await machine()
  const stopping = await machine({ wanted: 'stopped' })
  const held = await machine({ holds: '["admin"]' })
  const server = await machine({ provider: 'hetzner' })
  for (const id of [busy, stopping, held, server]) answers.set(id, failed)
  const task = { id: 'task_1', machine_id: busy, kind: 'snapshot', argument: 'x', state: 'waiting' } as const
  await database.db
    .insertInto('machine_task')
    .values({ ...task, created_at: new Date(0) })
    .execute()
  await look(5)
  for (const id of [busy, stopping, held]) expect(await health(id)).toBe(null)
  expect(await health(server)).toMatchObject({ state: 'unhealthy' })
  for (const id of [busy, stopping, held, server]) expect(await restarts(id)).toEqual([])
})

test('many that fail at once are our own fault, as is a DNS that is away: nothing is restarted; after minutes it is told', async () => {
  const { answers, look, machine, health, restarts } = await world()
  const ids = await Promise.all(Array.from({ length: 6 }, () => machine()))
  const alone = await machine()
  await look()
  for (const id of ids) answers.set(id, failed)
  await look(5)
  for (const id of ids) expect(await health(id)).toMatchObject({ state: 'healthy' })
  for (const id of ids) answers.set(id, ok)
  answers.set(alone, ours)
  await look(5)
  expect(await health(alone)).toMatchObject({ state: 'healthy' })
  await look(6)
  expect(await health(alone)).toMatchObject({ state: 'unhealthy' })
  for (const id of [...ids, alone]) expect(await restarts(id)).toEqual([])
})

test('fifty machines on one host are asked a few at a time, and nothing is written while they stay well', async () => {
  const { look, machine, peak, database } = await world()
  await Promise.all(Array.from({ length: 50 }, () => machine()))
  await look()
  expect(await countHealth(database.db)).toEqual({ healthy: 50, unhealthy: 0 })
  const written = () => database.query('SELECT xmin::text, id FROM machine ORDER BY id')
  const before = await written()
  await look(10)
  expect(await written()).toEqual(before)
  expect(peak()).toBe(20)
})
