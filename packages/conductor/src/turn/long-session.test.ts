import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { call } from '@spoq/client/call'
import * as route from '@spoq/contracts/session'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, startMachine, textOf, types } from '../testing/machine.ts'

/** An hour of an answer that streams. */
const words = 150_000

/** Puts so many words into the answer of a session's one turn, as if they had streamed. */
function makeLong(folder: string, session: string): void {
  const log = new DatabaseSync(join(folder, 'log.sqlite'))
  const rows = log.prepare('SELECT id, turn, at, body FROM event WHERE stream = ? ORDER BY id').all(session)
  const at = rows.findIndex(({ body }) => String(body).includes('text.delta'))
  const insert = log.prepare('INSERT INTO event (stream, id, turn, at, body) VALUES (?, ?, ?, ?, ?)')
  const longer = [...rows.slice(0, at), ...Array.from({ length: words }, () => rows[at]), ...rows.slice(at)]
  log.exec('BEGIN')
  log.prepare('DELETE FROM event WHERE stream = ?').run(session)
  for (const [index, row] of longer.entries())
    if (row) insert.run(session, index + 1, row.turn ?? null, row.at ?? null, row.body ?? null)
  log.exec('COMMIT')
  log.close()
}

// Catches events that are handed over as the arguments of one call: beyond some 100,000 that is an error.
test('a session of very many events goes on', async () => {
  const folder = machineFolder()
  const first = await startMachine(folder)
  const { session } = await askAndRead(overLocal(first.socket), { question: 'count 1', model: 'demo' })
  await first.stop()
  makeLong(folder, session)
  const target = overLocal((await startMachine(folder)).socket)
  const { events } = await askAndRead(target, { question: 'count 2', session, model: 'demo' })
  expect(types(events).at(-1)).toBe('turn.done')
  expect(textOf(events)).toContain('1 2')
  const { lastEvent } = await call(target, route.showSession, { params: { session } })
  expect(lastEvent).toBeGreaterThan(words)
})
