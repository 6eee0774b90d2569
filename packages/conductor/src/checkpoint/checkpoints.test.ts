import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileState, writeText } from '@spoq/kit/files'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../log/index.ts'
import { checkpoints } from './index.ts'

function workshop(most?: number) {
  const root = mkdtempSync(join(tmpdir(), 'spoq-checkpoints-'))
  const workspace = join(root, 'workspace')
  mkdirSync(workspace)
  const database = openDatabase(join(root, 'log.sqlite'))
  database.sql.exec("INSERT INTO session (id, title, created_at, updated_at) VALUES ('s', '', '', '')")
  onTestFinished(() => {
    database.close()
    rmSync(root, { recursive: true })
  })
  const kept = checkpoints(database, { folder: join(root, 'old'), workspace, ...(most === undefined ? {} : { most }) })
  const write = async (turn: string, path: string, after: string, work = () => writeText(workspace, path, after)) =>
    kept.around({ session: 's', turn, path, before: await fileState(workspace, path), after }, work)
  const contents = () =>
    readdirSync(join(root, 'old'), { recursive: true, withFileTypes: true }).filter(one => one.isFile())
  return {
    root,
    workspace,
    database,
    kept,
    write,
    contents,
    read: (path: string) => readFileSync(join(workspace, path), 'utf8'),
  }
}

test('the oldest turns go first when the old contents become too many, never the one that writes', async () => {
  const { kept, write, contents, workspace, read } = workshop(1000)
  for (const name of ['a', 'b', 'c']) writeFileSync(join(workspace, name), name.repeat(600))
  await write('one', 'a', 'x')
  await write('two', 'b', 'x')
  expect(contents()).toHaveLength(1)
  expect(await kept.undo('s', 'one')).toBeNull()
  await write('two', 'c', 'x')
  expect(contents()).toHaveLength(2)
  await kept.undo('s', 'two')
  expect([read('b'), read('c')]).toEqual(['b'.repeat(600), 'c'.repeat(600)])
})

test('a content that is lost or was changed is not put back', async () => {
  const { kept, write, contents, workspace, read } = workshop()
  writeFileSync(join(workspace, 'a'), 'old')
  await write('one', 'a', 'new')
  const [entry] = contents()
  writeFileSync(join(entry?.parentPath ?? '', entry?.name ?? ''), 'evil')
  expect(await kept.undo('s', 'one')).toMatchObject({ skipped: [{ reason: 'its old content is not kept any more' }] })
  expect(read('a')).toBe('new')
})

test('killed between the checkpoint and the write, nothing is to be taken back', async () => {
  const { kept, write, workspace, read } = workshop()
  writeFileSync(join(workspace, 'a'), 'old')
  void write('one', 'a', 'new', () => new Promise(() => {}))
  while (kept.lastTurn('s') === null) await new Promise(setImmediate)
  expect(await kept.undo('s', 'one')).toMatchObject({ done: [{ path: 'a', change: 'unchanged' }] })
  expect(read('a')).toBe('old')
})

test('with a session its checkpoints go', async () => {
  const { kept, write, database } = workshop()
  await write('one', 'a', 'new')
  database.sql.exec("DELETE FROM session WHERE id = 's'")
  expect(kept.lastTurn('s')).toBeNull()
})
