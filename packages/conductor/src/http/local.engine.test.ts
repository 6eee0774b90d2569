// The local socket against another user of the same computer. Needs root, to become one.

import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { machineFolder, startMachine } from '../testing/machine.ts'

const nobody = 65534

/** What another user's process meets when it opens the socket: an error code, or `connected`. */
function openAs(uid: number, socket: string): string {
  const script = `const socket = require('node:net').connect(process.argv[1])
    socket.on('connect', () => { console.log('connected'); process.exit() })
    socket.on('error', error => console.log(error.code))`
  const { stdout } = spawnSync(process.execPath, ['-e', script, socket], { uid, gid: uid, encoding: 'utf8' })
  return stdout.trim()
}

test('the local socket refuses another user of this computer', async context => {
  if (process.getuid?.() !== 0) {
    if (process.env.CI === 'true') throw new Error('needs root')
    console.log('skipped: only root can become another user')
    return context.skip()
  }
  const folder = machineFolder()
  await startMachine(folder)
  const socket = join(folder, 'local.sock')
  expect(openAs(0, socket)).toBe('connected')
  expect(openAs(nobody, socket)).toBe('EACCES')
  // Not by the folder alone: the socket itself is closed to others as well.
  chmodSync(folder, 0o755)
  expect(openAs(nobody, socket)).toBe('EACCES')
})
