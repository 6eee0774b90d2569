import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { FolderBusy, folderHolder, lockFolder } from './folder-lock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spoq-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const module = join(import.meta.dirname, 'folder-lock.ts')

const otherProcess = () => runElsewhere(`m.lockFolder(folder).tell({ address: 'there' }); setInterval(() => {}, 1e6)`)

/** Another process that runs a script with the module as `m`, and says when it has; it ends with the test. */
async function runElsewhere(script: string, after = ''): Promise<ChildProcess> {
  const whole = `import(${JSON.stringify(module)}).then(async m => { const folder = ${JSON.stringify(folder)}; ${script}; console.log('done'); ${after} })`
  const child = spawn(process.execPath, ['-e', whole], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

test('a second lock in another process is refused, and says who holds the first', async () => {
  const child = await otherProcess()
  expect(() => lockFolder(folder)).toThrow(FolderBusy)
  expect(folderHolder(folder)).toEqual({ pid: child.pid, address: 'there' })
  child.kill('SIGKILL')
  await once(child, 'exit')
})

test('a killed holder leaves no lock behind', async () => {
  const child = await otherProcess()
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(folderHolder(folder)).toBeNull()
  lockFolder(folder).release()
})

test('a released lock can be taken again', () => {
  lockFolder(folder).release()
  lockFolder(folder).release()
})

test('a folder that does not exist is held by nobody', () => {
  expect(folderHolder(join(folder, 'none'))).toBeNull()
})

/** A probe that took the lock itself, even for a moment, would fail this. */
test('somebody who keeps probing keeps nobody from taking the lock', async () => {
  lockFolder(folder).release()
  await runElsewhere('', 'for (;;) m.folderHolder(folder)')
  for (let time = 0; time < 200; time++) lockFolder(folder).release()
})

test('probing is harmless to a lock that is held', async () => {
  const child = await otherProcess()
  for (let time = 0; time < 200; time++) expect(folderHolder(folder)?.pid).toBe(child.pid)
  expect(() => lockFolder(folder)).toThrow(FolderBusy)
  child.kill('SIGKILL')
  await once(child, 'exit')
})

/** Node closes a database that nothing refers to; with it the lock would go. */
test('a lock that its caller forgot about is kept', async () => {
  const forget =
    'const { setFlagsFromString } = process.getBuiltinModule("node:v8"); setFlagsFromString("--expose-gc"); const gc = process.getBuiltinModule("node:vm").runInNewContext("gc")'
  await runElsewhere(
    `m.lockFolder(folder); ${forget}; await new Promise(r => setTimeout(r)); gc(); setInterval(() => {}, 1e6)`,
  )
  expect(() => lockFolder(folder)).toThrow(FolderBusy)
})
