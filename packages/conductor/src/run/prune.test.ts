// What is kept of runs, in a log of its own: no command runs here.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, openLog } from '../log/index.ts'
import { runLimits } from './limits.ts'
import { capOutput, pruneRuns } from './prune.ts'
import { type RunStore, runStore } from './store.ts'

function place(now: () => number = Date.now) {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-prune-'))
  const database = openDatabase(join(folder, 'log.sqlite'))
  const log = openLog(database, now)
  onTestFinished(() => {
    database.close()
    rmSync(folder, { recursive: true })
  })
  return { log, store: runStore(database, log) }
}

const start = (store: RunStore, run: string) =>
  store.start(run, { type: 'run.started', command: ['make', run], directory: '.' })
const print = (store: RunStore, run: string, text: string) =>
  store.output(run, [{ type: 'run.output', stream: 'stdout', data: Buffer.from(text).toString('base64') }])
const end = (store: RunStore, run: string) => store.end(run, [{ type: 'run.ended', status: 0, signal: null }])

/** Catches a drop that forgets what was dropped before, that eats the start or the end, or keeps more than it may. */
test('the newest output stays, and what is missing is said to the byte', () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(pieces, fc.integer({ min: 0, max: 200 }), fc.boolean(), (sizes, most, ends) => {
      const { log, store } = place()
      start(store, 'run_a')
      let printed = ''
      for (const [index, size] of sizes.entries()) {
        const text = String.fromCharCode(97 + (index % 26)).repeat(size)
        printed += text
        print(store, 'run_a', text)
        capOutput(store, 'run_a', { ...runLimits(), mostBytes: most })
      }
      if (ends) end(store, 'run_a')
      store.drop('run_a', most)
      const bodies = log.read('run_a', 0).map(({ body }) => body as { type: string; data?: string; bytes?: number })
      const kept = bodies.map(({ data = '' }) => Buffer.from(data, 'base64').toString()).join('')
      expect(printed.endsWith(kept)).toBe(true)
      expect(kept.length).toBeLessThanOrEqual(most)
      const missing = bodies.filter(({ type }) => type === 'run.dropped').map(({ bytes }) => bytes)
      expect(missing).toEqual(printed === kept ? [] : [printed.length - kept.length])
      expect(store.get('run_a')).toMatchObject({ bytes: kept.length, dropped: printed.length - kept.length })
      expect([bodies.at(0)?.type, bodies.at(-1)?.type === 'run.ended']).toEqual(['run.started', ends])
    }),
    { numRuns: 40 },
  )
})

test('ended runs go when they are too old or too large together, and never one that runs', () => {
  let now = 0
  const { store } = place(() => now)
  const day = 86_400_000
  start(store, 'run_runs')
  for (const run of ['run_old', 'run_large', 'run_small']) {
    start(store, run)
    print(store, run, 'x'.repeat(run === 'run_large' ? 900 : 10))
    end(store, run)
    now += day
  }
  const ids = () => store.list(10, '').map(({ id }) => id)
  pruneRuns(store, { mostBytes: 1000, keptBytes: 1000, keptDays: 2 }, now)
  expect(ids()).toEqual(['run_small', 'run_large', 'run_runs'])
  pruneRuns(store, { mostBytes: 1000, keptBytes: 500, keptDays: 2 }, now)
  expect(ids()).toEqual(['run_small', 'run_runs'])
  expect(store.exists('run_large')).toBe(false)
})

test('what just ended keeps all its output: somebody may still be reading it', () => {
  const { store } = place()
  start(store, 'run_a')
  print(store, 'run_a', 'x'.repeat(100))
  end(store, 'run_a')
  pruneRuns(store, { mostBytes: 10, keptBytes: 10, keptDays: 1 }, Date.now())
  expect(store.get('run_a')).toMatchObject({ bytes: 100, dropped: 0 })
})

test('runs of a log of an earlier form are in the list', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-prune-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'log.sqlite')
  const old = new DatabaseSync(file)
  old.exec(`CREATE TABLE event (stream TEXT NOT NULL, id INTEGER NOT NULL, turn TEXT, at TEXT NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (stream, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE session (id TEXT PRIMARY KEY, title TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
    CREATE TABLE open_turn (turn TEXT PRIMARY KEY, session TEXT NOT NULL, first INTEGER NOT NULL) STRICT;
    CREATE TABLE open_run (run TEXT PRIMARY KEY) STRICT;
    INSERT INTO event VALUES ('run_a', 1, NULL, '2026-01-01T00:00:00.000Z', '{"type":"run.started","command":["a"],"directory":"."}'),
      ('run_a', 2, NULL, '2026-01-01T00:00:01.000Z', '{"type":"run.output","stream":"stdout","data":"YWJj"}'),
      ('run_a', 3, NULL, '2026-01-01T00:00:02.000Z', '{"type":"run.ended","status":3,"signal":null}'),
      ('run_b', 1, NULL, '2026-01-02T00:00:00.000Z', '{"type":"run.started","command":["b"],"directory":"."}');
    INSERT INTO open_run VALUES ('run_b'); PRAGMA user_version = 3`)
  old.close()
  const database = openDatabase(file)
  const store = runStore(database, openLog(database, Date.now))
  expect(store.list(10, '')).toMatchObject([
    { id: 'run_b', state: 'running', command: ['b'], lastEvent: 1 },
    { id: 'run_a', state: 'ended', status: 3, bytes: 3, endedAt: '2026-01-01T00:00:02.000Z' },
  ])
  expect(store.open()).toEqual(['run_b'])
  database.close()
})
