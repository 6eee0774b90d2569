import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../log/index.ts'
import { checkpoints } from './checkpoints.ts'

test('a session that is forgotten takes along what it alone needs, and nothing of another', async () => {
  const root = mkdtempSync(join(tmpdir(), 'spoq-forget-'))
  const database = openDatabase(join(root, 'log.sqlite'))
  onTestFinished(() => {
    database.close()
    rmSync(root, { recursive: true })
  })
  mkdirSync(join(root, 'workspace'))
  const folder = join(root, 'kept')
  const kept = checkpoints(database, { folder, workspace: join(root, 'workspace') })
  for (const session of ['sess_a', 'sess_b'])
    database.sql.exec(`INSERT INTO session (id, title, created_at, updated_at) VALUES ('${session}', '', '', '')`)
  const edit = (session: string, text: string) => {
    const before = { bytes: Buffer.from(text), mode: 0o644 } as never
    return kept.around({ session, turn: `turn_${session}`, path: 'f', before, after: 'x' }, async () => {})
  }
  await edit('sess_a', 'of both')
  await edit('sess_b', 'of both')
  await edit('sess_a', 'of a alone')
  const files = () =>
    (existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : []).filter(one =>
      one.isFile(),
    )
  expect(files()).toHaveLength(2)
  await kept.forget('sess_a')
  expect([files().length, kept.lastTurn('sess_a'), kept.lastTurn('sess_b')]).toEqual([1, null, 'turn_sess_b'])
  await kept.forget('sess_b')
  expect(files()).toEqual([])
})
