import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { call } from '@spoq/client/call'
import * as route from '@spoq/contracts/session'
import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import {
  askAndRead,
  machineFolder,
  overLocal,
  readTurn,
  startMachine,
  textOf,
  types,
  useModel,
} from '../testing/machine.ts'
import { pressThenDone, pressTool } from '../testing/press.ts'
import type { Tool } from '../tool/tool.ts'

test('a log that is full in the middle of a turn ends it with what was answered so far', async () => {
  const folder = machineFolder()
  useModel(folder, await startOpenAi([{ pieces: Array.from({ length: 4000 }, () => 'x'.repeat(200)) }]))
  const target = overLocal((await startMachine(folder, { maxPages: 60 })).socket)
  const { events } = await askAndRead(target, { question: 'q' })
  expect(events.at(-1)).toMatchObject({ type: 'turn.error', code: 'disk_full' })
  expect(textOf(events)).toMatch(/^x+$/)
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1))
})

/** Takes all the room that is left to the log, as another program does on the same disk. */
function fillTool(folder: string): { tool: Tool; free: () => void } {
  const other = () => {
    const sql = new DatabaseSync(join(folder, 'log.sqlite'))
    sql.exec(`PRAGMA max_page_count = ${pages}; CREATE TABLE IF NOT EXISTS filling (data TEXT)`)
    return sql
  }
  const fill = async () => {
    const sql = other()
    const insert = sql.prepare('INSERT INTO filling VALUES (?)')
    for (const size of [3000, 300, 30, 3])
      try {
        for (;;) insert.run('x'.repeat(size))
      } catch {}
    // The log's own last page has room for a few events more.
    const stuff = sql.prepare(
      "INSERT INTO event SELECT 'filling', coalesce(max(id), 0) + 1, NULL, '', ? FROM event WHERE stream = 'filling'",
    )
    for (const size of [3000, 300, 30, 3, 1])
      try {
        // A number, because what stands in the log is JSON.
        for (;;) stuff.run('1'.repeat(size))
      } catch {}
    sql.close()
    return 'filled'
  }
  const free = () => {
    const sql = other()
    sql.exec("DELETE FROM filling; DELETE FROM event WHERE stream = 'filling'")
    sql.close()
  }
  return { tool: { ...pressTool(folder).press, does: 'look' as const, run: fill }, free }
}
const pages = 60

test('when not even the end of a turn can be written, whoever asks is told why; with room again it is there', async () => {
  const folder = machineFolder()
  useModel(folder, await startOpenAi([...pressThenDone.slice(0, 1), { pieces: ['Room again.'] }]))
  const { tool: filling, free } = fillTool(folder)
  const target = overLocal((await startMachine(folder, { maxPages: pages, tools: [filling] })).socket)
  const asked = await call(target, route.ask, { body: { question: 'q' } })
  await expect(readTurn(target, asked)).rejects.toMatchObject({ code: 'disk_full' })
  const more = { question: 'more', session: asked.session }
  await expect(call(target, route.ask, { body: more })).rejects.toMatchObject({ code: 'disk_full' })

  free()
  const events = await readTurn(target, asked)
  expect(types(events).slice(-2)).toEqual(['step.done', 'turn.error'])
  expect(events.at(-1)).toMatchObject({ code: 'disk_full' })
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1))
  expect(textOf((await askAndRead(target, more)).events)).toBe('Room again.')
})
