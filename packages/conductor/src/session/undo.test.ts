import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import * as route from '@spoq/contracts/session'
import { type Reply, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, readTurn, startMachine, types, useModel } from '../testing/machine.ts'

const edit = (path: string, old: string, fresh: string) => ({ name: 'edit', input: { path, old, new: fresh } })
const turn = (...calls: { name: string; input: object }[]): Reply[] => [{ calls }, { pieces: ['Done.'] }]

async function machine(...replies: Reply[]) {
  const folder = machineFolder()
  const model = useModel(folder, await startOpenAi(replies))
  const target = overLocal((await startMachine(folder)).socket)
  const file = (path: string) => join(folder, 'workspace', path)
  const read = (path: string) => readFileSync(file(path), 'utf8')
  const ask = (session?: string) =>
    askAndRead(target, { question: 'q', mode: 'auto-edit', ...(session ? { session } : {}) })
  const undo = (session: string, of?: string) =>
    call(target, route.undoEdits, { params: { session }, body: { turn: of } })
  return { folder, model, target, file, read, ask, undo }
}

test('undo takes the edits of the last turn back: changed, created, several times edited; and again is harmless', async () => {
  const { ask, undo, file, read, target, model } = await machine(
    ...turn(edit('a', 'one', '1'), edit('./a', '1', 'uno'), edit('sub/new', '', 'x')),
    { pieces: ['I see.'] },
  )
  writeFileSync(file('a'), 'one\n')
  chmodSync(file('a'), 0o750)
  const { session, turn: first } = await ask()
  expect([read('a'), read('sub/new')]).toEqual(['uno\n', 'x'])
  expect(await undo(session)).toEqual({
    turn: first,
    done: [
      { path: 'a', change: 'restored' },
      { path: 'sub/new', change: 'removed' },
    ],
    skipped: [],
  })
  expect(read('a')).toBe('one\n')
  expect(statSync(file('a')).mode & 0o777).toBe(0o750)
  expect(existsSync(file('sub/new'))).toBe(false)

  expect((await undo(session)).done.map(({ change }) => change)).toEqual(['unchanged', 'unchanged'])
  const next = await ask(session)
  expect(
    types(await readTurn(target, { session, turn: next.turn, after: 0 })).filter(type => type === 'edits.undone'),
  ).toHaveLength(1)
  expect(JSON.stringify(model.asked.at(-1)?.body.messages)).toContain('took back the edits of this turn in: a, sub/new')
})

test('a file that somebody changed since, or between two edits, is left and named', async () => {
  const { ask, undo, file, read } = await machine(
    ...turn(edit('a', 'one', '1'), edit('b', 'one', '1'), edit('c', 'one', '1'), edit('d', '', 'x')),
  )
  for (const name of ['a', 'b', 'c']) writeFileSync(file(name), 'one\n')
  const { session } = await ask()
  writeFileSync(file('a'), 'mine\n')
  rmSync(file('b'))
  writeFileSync(file('d'), 'mine too')
  const { done, skipped } = await undo(session)
  expect(done).toEqual([{ path: 'c', change: 'restored' }])
  expect(skipped).toEqual([
    { path: 'a', reason: 'it was changed since' },
    { path: 'b', reason: 'it was removed since' },
    { path: 'd', reason: 'it was changed since' },
  ])
  expect([read('a'), existsSync(file('b')), read('c'), read('d')]).toEqual(['mine\n', false, 'one\n', 'mine too'])
})

test('an earlier turn is taken back by its name, once no later one stands on it', async () => {
  const { ask, undo, file, read } = await machine(...turn(edit('a', 'one', 'two')), ...turn(edit('a', 'two', 'three')))
  writeFileSync(file('a'), 'one')
  const first = await ask()
  const second = await ask(first.session)
  expect((await undo(first.session, first.turn)).skipped).toEqual([{ path: 'a', reason: 'it was changed since' }])
  expect((await undo(first.session)).turn).toBe(second.turn)
  expect(read('a')).toBe('two')
  expect((await undo(first.session, first.turn)).done).toEqual([{ path: 'a', change: 'restored' }])
  expect(read('a')).toBe('one')
})

test('what cannot be undone says so: no edits, an open turn, another session', async () => {
  const { ask, undo, target } = await machine({ pieces: ['Nothing.'] }, ...turn(edit('a', '', 'x')))
  const { session, turn: none } = await ask()
  await expect(undo(session)).rejects.toMatchObject({ code: 'nothing_to_undo' })
  await expect(undo(session, none)).rejects.toMatchObject({ code: 'nothing_to_undo' })
  await expect(undo('sess_00000000000000000000')).rejects.toMatchObject({ code: 'session_not_found' })
  const waiting = await askAndRead(
    target,
    { question: 'q', session, mode: 'ask' },
    ({ type }) => type === 'approval.requested',
  )
  await expect(undo(session, waiting.turn)).rejects.toMatchObject({ code: 'turn_open' })
})

test('another session takes nothing back of this one', async () => {
  const { ask, undo, file, read } = await machine(...turn(edit('a', '', 'x')), { pieces: ['Hm.'] })
  const { turn: mine } = await ask()
  const other = await ask()
  await expect(undo(other.session, mine)).rejects.toMatchObject({ code: 'nothing_to_undo' })
  expect(existsSync(file('a')) && read('a')).toBe('x')
})

test('old contents stand outside of the workspace, each once, for their owner alone', async () => {
  const { ask, folder, file } = await machine(...turn(edit('a', 'one', '1'), edit('b', 'one', '1')))
  for (const name of ['a', 'b']) writeFileSync(file(name), 'one\n')
  await ask()
  const kept = readdirSync(join(folder, 'checkpoints'), { recursive: true, withFileTypes: true }).filter(entry =>
    entry.isFile(),
  )
  expect(kept).toHaveLength(1)
  for (const { parentPath, name } of kept) {
    expect(statSync(join(parentPath, name)).mode & 0o777).toBe(0o600)
    expect(statSync(parentPath).mode & 0o077).toBe(0)
  }
})

test('after a failed edit nothing is kept of it', async () => {
  const { ask, undo, file } = await machine(...turn(edit('a', 'none', '1')))
  writeFileSync(file('a'), 'one\n')
  const { session } = await ask()
  await expect(undo(session)).rejects.toMatchObject({ code: 'nothing_to_undo' })
})
