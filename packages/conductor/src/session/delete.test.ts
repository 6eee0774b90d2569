import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import * as route from '@spoq/contracts/session'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, startMachine } from '../testing/machine.ts'

async function machine(options: Parameters<typeof startMachine>[1] = {}) {
  const folder = machineFolder()
  const target = overLocal((await startMachine(folder, options)).socket)
  const remove = (session: string, force?: 'true') =>
    call(target, route.deleteSession, { params: { session }, ...(force ? { query: { force } } : {}) })
  return { folder, target, remove }
}

/** How many rows of the whole database name a session. */
function traces(folder: string, session: string): Record<string, number> {
  const sql = new DatabaseSync(join(folder, 'log.sqlite'), { readOnly: true })
  const tables = { event: 'stream', session: 'id', open_turn: 'session', session_text: 'session', ask_key: 'session' }
  const count = ([table, column]: string[]) =>
    [table, sql.prepare(`SELECT count(*) AS count FROM ${table} WHERE ${column} = ?`).get(session)?.count] as const
  const found = Object.fromEntries(Object.entries(tables).map(count)) as Record<string, number>
  sql.close()
  return found
}

test('a deleted session is found nowhere, and the others are as they were', async () => {
  const { folder, target, remove } = await machine()
  const body = { question: 'count 3', model: 'demo' }
  const { session } = await call(target, route.ask, { body, idempotencyKey: 'key-of-the-first' })
  await askAndRead(target, { ...body, session })
  const other = await askAndRead(target, body)
  expect(traces(folder, session)).toMatchObject({ session: 1, ask_key: 1, session_text: 4 })
  await remove(session)
  expect(traces(folder, session)).toEqual({ event: 0, session: 0, open_turn: 0, session_text: 0, ask_key: 0 })

  const gone = { code: 'session_not_found' }
  const params = { session }
  await expect(call(target, route.showSession, { params })).rejects.toMatchObject(gone)
  await expect(call(target, route.abortTurn, { params })).rejects.toMatchObject(gone)
  await expect(remove(session)).rejects.toMatchObject(gone)
  await expect(call(target, route.ask, { body: { ...body, session } })).rejects.toMatchObject(gone)
  for (const stream of [route.sessionEvents, route.exportSession])
    await expect(follow(target, stream, { params, isLast: () => true }).next()).rejects.toMatchObject(gone)
  const { sessions } = await call(target, route.listSessions)
  expect(sessions.map(({ id }) => id)).toEqual([other.session])
  const { matches } = await call(target, route.searchSessions, { query: { words: 'count' } })
  expect(new Set(matches.map(match => match.session))).toEqual(new Set([other.session]))
})

test('while a turn runs it is refused; with force the turn is stopped first, and so is what waits behind it', async () => {
  const { folder, target, remove } = await machine({ demoPaceMs: 5 })
  const body = { question: 'count 100000', model: 'demo' }
  const { session } = await call(target, route.ask, { body })
  await call(target, route.ask, { body: { ...body, session } })
  await expect(remove(session)).rejects.toMatchObject({ code: 'session_busy' })
  await remove(session, 'true')
  expect(traces(folder, session)).toMatchObject({ event: 0, session: 0, open_turn: 0 })
})

test('a turn that waits for an approval keeps its session too', async () => {
  const { target, remove } = await machine()
  const question = { question: 'run: echo hi', model: 'demo' }
  const { session } = await askAndRead(target, question, ({ type }) => type === 'approval.requested')
  await expect(remove(session)).rejects.toMatchObject({ code: 'session_busy' })
  await remove(session, 'true')
  await expect(remove(session)).rejects.toMatchObject({ code: 'session_not_found' })
})

test('who reads the session when it is deleted comes to its end', async () => {
  const { target, remove } = await machine()
  const { session, events } = await askAndRead(target, { question: 'count 1', model: 'demo' })
  const seen: number[] = []
  const reading = (async () => {
    for await (const { id } of follow(target, route.sessionEvents, { params: { session }, isLast: () => false })) {
      seen.push(id)
      if (id === events.length) void remove(session)
    }
  })()
  await expect(reading).rejects.toMatchObject({ code: 'session_not_found' })
  expect(seen).toEqual(events.map(({ id }) => id))
})

test('questions that come while a session is deleted never bring it back', async () => {
  const { folder, target, remove } = await machine({ demoPaceMs: 1 })
  const body = { question: 'count 50', model: 'demo' }
  const { session } = await call(target, route.ask, { body })
  const asking = Array.from({ length: 20 }, () => call(target, route.ask, { body: { ...body, session } }))
  const [removed] = await Promise.allSettled([remove(session, 'true'), ...asking])
  expect(removed.status).toBe('fulfilled')
  expect(traces(folder, session)).toEqual({ event: 0, session: 0, open_turn: 0, session_text: 0, ask_key: 0 })
})
