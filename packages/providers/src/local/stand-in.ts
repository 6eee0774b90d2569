// For tests: the least that the provider sees of a Conductor, and the ways in which one can misbehave. What it does
// well is tested with the real one.

import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import { type ConductorStatus, showStatus, shutdown } from '@spoq/contracts/status'
import { FolderBusy, lockFolder } from '@spoq/kit/folder-lock'
import { socketPath } from '@spoq/kit/socket-path'

export type Misbehaviour =
  | 'none'
  /** Takes the request to end, and stays; has started a process of its own. */
  | 'does not end'
  /** Holds the lock and listens nowhere. */
  | 'does not listen'
  /** Answers as another machine's Conductor. */
  | 'is another'
  /** Says that the folder is in use, the first time. */
  | 'is locked out once'

/** What a test's entry script calls: runs in the folder of `--folder`. */
export function standIn(misbehaviour: Misbehaviour): void {
  const folder = String(process.argv[process.argv.indexOf('--folder') + 1])
  const seen = join(folder, 'locked-out')
  if (misbehaviour === 'is locked out once' && !existsSync(seen)) {
    writeFileSync(seen, '')
    process.exit(5)
  }
  const lock = take(folder)
  if (!existsSync(join(folder, 'conductor.json'))) process.exit(2)
  writeFileSync(join(folder, 'environment.json'), JSON.stringify(process.env))
  setInterval(() => {}, 60_000)
  if (misbehaviour === 'does not listen') return
  process.on('SIGTERM', () => {})
  if (misbehaviour === 'does not end') startAnother(join(folder, 'started'))
  const socket = socketPath(folder, 'local.sock')
  rmSync(socket, { force: true })
  const machine = misbehaviour === 'is another' ? 'mach_0000000000000000' : basename(folder)
  createServer((request, response) => {
    response.statusCode = request.url === shutdown.path ? shutdown.status : showStatus.status
    response.end(request.url === showStatus.path ? JSON.stringify(statusOf(machine)) : '')
    if (request.url === shutdown.path && misbehaviour !== 'does not end') response.on('close', () => process.exit())
  }).listen(socket, () => lock.tell({ address: 'http://127.0.0.1:1' }))
}

/** A process that lives for as long as it is let, and holds the lock of a folder as the sign of it. */
function startAnother(folder: string): void {
  const module = import.meta.resolve('@spoq/kit/folder-lock')
  const script = `import(${JSON.stringify(module)}).then(m => { m.lockFolder(${JSON.stringify(folder)}); setInterval(() => {}, 1e6) })`
  spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
}

function take(folder: string) {
  try {
    return lockFolder(folder)
  } catch (error) {
    if (error instanceof FolderBusy) process.exit(5)
    throw error
  }
}

const statusOf = (machine: string): ConductorStatus => ({
  machine,
  version: '0.0.0',
  startedAt: new Date().toISOString(),
  endpoint: 'http://127.0.0.1:1',
  isolation: 'none',
  network: 'shared',
  workspace: '/',
  turns: 0,
  memoryBytes: 0,
})
