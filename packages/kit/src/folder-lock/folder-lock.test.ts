import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderBusy, folderHolder, lockFolder } from './folder-lock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spoq-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const module = join(import.meta.dirname, 'folder-lock.ts')

async function otherProcess() {
  const script = `import(${JSON.stringify(module)}).then(m => { m.lockFolder(${JSON.stringify(folder)}).tell({ address: 'there' }); console.log('held'); setInterval(() => {}, 1e6) })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
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
