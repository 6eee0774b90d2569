import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOwnLog } from './keep.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spoq-own-log-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = () => join(folder, 'conductor-lines.jsonl')

test('lines are numbered on by the next start, also after one that a crash cut off; a reader goes on by their numbers', () => {
  const first = openOwnLog(folder, () => 0)
  first.write({ level: 'info', message: 'request', method: 'GET', path: '/api/status', status: 200 })
  first.write({ level: 'error', message: 'a turn failed', error: new Error('no model') })
  expect(first.read({ lines: 10 })).toEqual([
    { n: 1, at: '1970-01-01T00:00:00.000Z', level: 'info', text: 'request method=GET path=/api/status status=200' },
    { n: 2, at: '1970-01-01T00:00:00.000Z', level: 'error', text: 'a turn failed error=no model' },
  ])
  writeFileSync(file(), '{"n":3,"at":"19', { flag: 'a' })
  writeFileSync(file(), '\n', { flag: 'a' })
  const second = openOwnLog(folder, () => 0)
  second.write({ level: 'info', message: 'started' })
  expect(second.read({ lines: 10, after: 2 }).map(({ n, text }) => [n, text])).toEqual([[3, 'started']])
  expect(second.read({ lines: 1 })).toHaveLength(1)
  expect(statSync(file()).mode & 0o777).toBe(0o600)
})

test('it keeps two files of its size, and no line of those that only look', () => {
  const log = openOwnLog(folder, () => 0, 1_000)
  for (let n = 0; n < 100; n++) {
    log.write({ level: 'info', message: `line ${n}` })
    log.write({ level: 'info', message: 'request', path: '/health', status: 200 })
    log.write({ level: 'info', message: 'request', path: '/api/log', status: 200 })
  }
  expect(readdirSync(folder).toSorted()).toEqual(['conductor-lines.jsonl', 'conductor-lines.jsonl.1'])
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThan(1_200)
  const kept = log.read({ lines: 1_000 })
  expect(kept.at(-1)?.text).toBe('line 99')
  expect(kept.map(({ n }) => n)).toEqual(kept.map((_, at) => (kept[0]?.n ?? 0) + at))
})
