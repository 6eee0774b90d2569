import { machineStates } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { move, StaleRow } from './move.ts'
import { actors, aim, edges, mayMove } from './state.ts'
import { findMachine } from './store.ts'
import { putMachine } from './test-ports.ts'

const every = machineStates.flatMap(from => machineStates.flatMap(to => actors.map(actor => ({ from, to, actor }))))
const legal = every.filter(({ from, to, actor }) => mayMove(from, to, actor))
const illegal = every.filter(({ from, to, actor }) => !mayMove(from, to, actor))

let database: Database
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

describe('the table itself', () => {
  test('lets its owner and an operator end a machine from every state that is not ending', () => {
    for (const from of machineStates)
      for (const actor of ['owner', 'operator'] as const)
        expect([from, mayMove(from, 'terminating', actor)]).toEqual([from, !from.startsWith('terminat')])
  })

  test('lets no machine be ended by the reconciler alone', () => {
    expect(legal.filter(({ to, actor }) => to === 'terminating' && actor === 'reconciler')).toEqual([])
    expect(legal.filter(({ to }) => to === 'terminated')).toEqual([
      { from: 'terminating', to: 'terminated', actor: 'reconciler' },
    ])
  })

  test('lets nobody but a person try again what was given up', () => {
    expect(legal.filter(({ from, actor }) => from === 'failed' && actor === 'reconciler')).toEqual([])
  })

  test('leads nowhere from terminated, and from terminating only to it', () => {
    expect(edges.filter(([from]) => from === 'terminated')).toEqual([])
    expect(edges.filter(([from]) => from === 'terminating').map(([, to]) => to)).toEqual(['terminated'])
  })

  test('has a way to every state', () => {
    const reached = new Set<string>(['pending', ...edges.map(([, to]) => to)])
    expect([...machineStates].filter(state => !reached.has(state))).toEqual([])
  })

  test('names no edge twice, and none that leads back to where it begins', () => {
    expect(new Set(edges.map(([from, to]) => `${from} ${to}`)).size).toBe(edges.length)
    expect(edges.filter(([from, to]) => from === to)).toEqual([])
  })
})

describe('every triple, against the database', () => {
  test(`${illegal.length} illegal ones are refused and change nothing`, async () => {
    for (const { from, to, actor } of illegal) {
      const row = await putMachine(database, { state: from })
      const refused = database.db
        .transaction()
        .execute(trx => move(trx, row, to, { actor, by: actor, action: 'machine.state' }, 1, { stage: 'moved' }))
      await expect(refused, `${from} -> ${to} by ${actor}`).rejects.toThrow(
        expect.objectContaining({ name: SpoqError.name, code: 'machine_state' }),
      )
      expect(await findMachine(database.db, row.id)).toEqual(row)
      expect(await listRecords(database.db, row.id)).toEqual([])
    }
  })

  test(`${legal.length} legal ones change the row and write one record`, async () => {
    for (const { from, to, actor } of legal) {
      const row = await putMachine(database, { state: from })
      const cause = { actor, by: `as ${actor}`, action: 'machine.state', requestId: 'req_x' }
      const moved = await database.db.transaction().execute(trx => move(trx, row, to, cause, 1))
      expect(moved).toMatchObject({ state: to, version: row.version + 1 })
      expect(await findMachine(database.db, row.id)).toEqual(moved)
      expect(await listRecords(database.db, row.id)).toEqual([
        expect.objectContaining({ from, to, actor: `as ${actor}`, requestId: 'req_x' }),
      ])
    }
  })
})

test('a row that somebody changed meanwhile is left alone, without a record', async () => {
  const row = await putMachine(database, { state: 'running' })
  const cause = { actor: 'reconciler', by: 'reconciler', action: 'machine.state' } as const
  await database.db.transaction().execute(trx => move(trx, row, 'stopped', cause, 1))
  const late = database.db.transaction().execute(trx => move(trx, row, 'suspended', cause, 2))
  await expect(late).rejects.toThrow(StaleRow)
  expect((await findMachine(database.db, row.id))?.state).toBe('stopped')
  expect(await listRecords(database.db, row.id)).toHaveLength(1)
})

test('a hold goes before the wish of the owner, and the end before both', () => {
  expect(aim('running', [])).toBe('running')
  expect(aim('stopped', [])).toBe('stopped')
  expect(aim('running', ['balance'])).toBe('suspended')
  expect(aim('stopped', ['abuse', 'idle'])).toBe('suspended')
  expect(aim('terminated', ['admin'])).toBe('terminated')
})
