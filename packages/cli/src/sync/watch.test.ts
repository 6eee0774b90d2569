import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startMachine } from '@spoq/workbench/stand-ins/machine'
import { treeOf } from '@spoq/workbench/sync/tree'
import { expect, onTestFinished, test } from 'vitest'
import { syncOnce } from './sync.ts'
import { folderAt, silent, syncing } from './testing.ts'
import { watchAndSync } from './watch.ts'

/** Two folders that are kept the same; answers once they are. */
async function watched() {
  const machine = await startMachine()
  const root = mkdtempSync(join(tmpdir(), 'spoq-watch-'))
  const [here, there, state] = [join(root, 'app'), join(machine.workspace, 'app'), join(root, 'state')]
  mkdirSync(join(here, 'src'), { recursive: true })
  writeFileSync(join(here, 'src/a'), 'a')
  writeFileSync(join(here, 'b'), 'b')
  const leaving = new AbortController()
  const { promise: watching, resolve } = Promise.withResolvers<void>()
  const [steps, wholes, aways]: [unknown[], unknown[], string[]] = [[], [], []]
  const keeping = syncing(machine.target, folderAt(here, 'app', state), {
    view: {
      ...silent,
      stepped: (what: { here: unknown[]; there: unknown[] }) => void steps.push(...what.here, ...what.there),
      result: (what: unknown) => void wholes.push(what),
      away: (why: string) => void aways.push(why),
      watching: resolve,
    },
    signal: leaving.signal,
  })
  const ended = watchAndSync(keeping).catch((error: unknown) => error)
  onTestFinished(async () => {
    leaving.abort(new Error('left'))
    await ended
    await machine.stop()
    rmSync(root, { recursive: true, force: true })
  })
  await Promise.race([watching, ended.then(error => Promise.reject(error))])
  void ended.then(error => (failed = error))
  // The last whole sync may still follow.
  await sleep(100)
  return { here, there, machine, steps, wholes, aways, keeping, ended, leave: () => leaving.abort(new Error('left')) }
}

let failed: unknown

async function until(isSo: () => boolean): Promise<void> {
  failed = undefined
  while (!isSo()) {
    await sleep(5)
    if (failed) throw failed
  }
}

const holds = (folder: string, path: string, text: string) => {
  const at = join(folder, path)
  return existsSync(at) && readFileSync(at, 'utf8') === text
}

test('a saved edit goes over alone, in both directions', async () => {
  const { here, there, steps, wholes } = await watched()
  const before = wholes.length
  writeFileSync(join(here, 'src/a'), 'edited here')
  await until(() => holds(there, 'src/a', 'edited here'))
  writeFileSync(join(there, 'b'), 'edited there')
  await until(() => holds(here, 'b', 'edited there'))
  rmSync(join(here, 'src/a'))
  await until(() => !existsSync(join(there, 'src/a')))
  await until(() => steps.length === 3)
  await sleep(100)
  // What it did itself comes back to it as a change, and is none.
  expect([steps.length, wholes.length]).toEqual([3, before])
})

test('a file that an editor writes beside and renames is one edit', async () => {
  const { here, there } = await watched()
  writeFileSync(join(here, 'b.swp'), 'saved')
  renameSync(join(here, 'b.swp'), join(here, 'b'))
  await until(() => holds(there, 'b', 'saved'))
  await sleep(50)
  expect(treeOf(there)).toEqual(treeOf(here))
})

test('new folders are watched with what is made in them at once, here and there', async () => {
  const { here, there } = await watched()
  for (const [folder, other] of [
    [here, there],
    [there, here],
  ] as const) {
    const name = folder === here ? 'mine' : 'theirs'
    mkdirSync(join(folder, name, 'deep/er'), { recursive: true })
    for (let i = 0; i < 20; i++) writeFileSync(join(folder, name, 'deep/er', `f${i}`), `${i}`)
    await until(() => holds(other, `${name}/deep/er/f19`, '19'))
    appendFileSync(join(folder, name, 'deep/er/f3'), ' more')
    await until(() => holds(other, `${name}/deep/er/f3`, '3 more'))
    appendFileSync(join(other, name, 'deep/er/f4'), ' back')
    await until(() => holds(folder, `${name}/deep/er/f4`, '4 back'))
  }
})

test('both edit at the same time: both are kept', async () => {
  const { here, there } = await watched()
  writeFileSync(join(there, 'b'), 'theirs')
  writeFileSync(join(here, 'b'), 'mine')
  const texts = (folder: string) =>
    Object.keys(treeOf(folder))
      .filter(path => path.startsWith('b'))
      .map(path => readFileSync(join(folder, path), 'utf8'))
      .sort()
  await until(() => [here, there].every(folder => String(texts(folder)) === 'mine,theirs'))
})

test('the machine goes away and comes back: what was saved meanwhile on both sides is brought over', async () => {
  const { here, there, machine, aways } = await watched()
  await machine.restart(async () => {
    writeFileSync(join(here, 'b'), 'while it was away')
    writeFileSync(join(there, 'src/a'), 'by something there')
    await until(() => aways.length > 0)
  })
  await until(() => holds(there, 'b', 'while it was away') && holds(here, 'src/a', 'by something there'))
})

test('what it knows is kept when it ends: the next sync has nothing to do, and deletes what was deleted since', async () => {
  const { here, steps, keeping, ended, leave } = await watched()
  writeFileSync(join(here, 'src/a'), 'edited')
  await until(() => steps.length > 0)
  leave()
  expect(await ended).toMatchObject({ message: 'left' })
  rmSync(join(here, 'src/a'))
  const { there: done } = await syncOnce({ ...keeping, view: silent, signal: new AbortController().signal })
  expect(done).toEqual({ files: 0, bytes: 0, removed: 1 })
})
