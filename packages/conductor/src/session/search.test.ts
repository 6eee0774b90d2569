import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { call } from '@spoq/client/call'
import * as route from '@spoq/contracts/session'
import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, startMachine, useModel } from '../testing/machine.ts'

/** A machine that has been asked about ferns and about moss. */
async function machine() {
  const folder = machineFolder()
  useModel(folder, await startOpenAi([{ pieces: ['Ferns are ', 'véry old.'] }, { pieces: ['Moss is soft.'] }]))
  const started = await startMachine(folder)
  const target = overLocal(started.socket)
  const ferns = await askAndRead(target, { question: 'Tell me about ferns\nin the wood' })
  const moss = await askAndRead(target, { question: 'And moss?' })
  const search = async (words: string, limit?: number) =>
    (await call(target, route.searchSessions, { query: { words, ...(limit ? { limit } : {}) } })).matches
  return { folder, started, target, search, ferns, moss }
}

test('questions and answers are found by their words, with the place', async () => {
  const { search, ferns } = await machine()
  const found = await search('FERNS')
  expect(found.map(({ part }) => part).sort()).toEqual(['answer', 'question'])
  expect(found[0]).toMatchObject({ session: ferns.session, turn: ferns.turn, title: 'Tell me about ferns' })
  expect(found.find(({ part }) => part === 'answer')?.snippet).toEqual([
    { text: 'Ferns', matches: true },
    { text: ' are véry old.\n', matches: false },
  ])
})

test('all words must be there, the last may be a beginning; accents do not matter', async () => {
  const { search } = await machine()
  expect(await search('about wo')).toMatchObject([{ part: 'question' }])
  expect(await search('very old')).toMatchObject([{ part: 'answer' }])
  expect(await search('ferns moss')).toEqual([])
  expect(await search('moss', 1)).toHaveLength(1)
})

/** Catches words that reach SQLite as operators: `NOT`, `"`, `col:`, `^`, `(`. */
test('no words are an error', async () => {
  const { search } = await machine()
  const part = fc.constantFrom(
    'NOT',
    'OR',
    'NEAR(',
    '"',
    "'",
    '*',
    'text:',
    '^',
    '(',
    ')',
    '-',
    'moss',
    '{',
    '\u0001',
    'mo\u0000ss',
    '+',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async parts => {
      expect(Array.isArray(await search(parts.join(' ')))).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('an index that is missing is made again from the log', async () => {
  const { folder, started, search } = await machine()
  const before = await search('ferns')
  await started.stop()
  const sql = new DatabaseSync(join(folder, 'log.sqlite'))
  sql.exec('DROP TABLE session_text')
  sql.close()
  const target = overLocal((await startMachine(folder)).socket)
  const again = await call(target, route.searchSessions, { query: { words: 'ferns' } })
  expect(again.matches).toEqual(before)
})

test('an answer that could not be taken in is found after the next start', async () => {
  const { folder, started, moss } = await machine()
  await started.stop()
  const sql = new DatabaseSync(join(folder, 'log.sqlite'))
  sql.exec(`DELETE FROM session_text WHERE part = 'answer' AND turn = '${moss.turn}'`)
  sql.exec(`INSERT INTO answer_to_index VALUES ('${moss.turn}', '${moss.session}', 1)`)
  sql.close()
  const target = overLocal((await startMachine(folder)).socket)
  const { matches } = await call(target, route.searchSessions, { query: { words: 'soft' } })
  expect(matches).toMatchObject([{ turn: moss.turn, part: 'answer' }])
})
