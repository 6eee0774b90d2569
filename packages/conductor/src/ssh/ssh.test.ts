import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { sshProtocol } from '@spoq/contracts/ssh'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSsh } from './ssh.ts'

const authority = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`

/** With a program in the place of sshd that says with what it was started. */
function stage() {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-ssh-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const sshd = join(folder, 'sshd')
  writeFileSync(sshd, '#!/bin/sh\necho "$@"; env; cat\n', { mode: 0o755 })
  const open = () => openSsh({ folder, machine: 'mach_1', logger: () => {}, sshd })
  return { folder, open }
}

test('nothing is started before the backend said whom to trust, nor for another name', () => {
  const ssh = stage().open()
  expect(ssh.connected(sshProtocol, new PassThrough())).toBe(false)
  ssh.prepare([authority])
  expect(ssh.connected('other', new PassThrough())).toBe(false)
  ssh.prepare([])
  expect(ssh.connected(sshProtocol, new PassThrough())).toBe(false)
  expect(ssh.isUsed()).toBe(false)
})

test('the host key stays, its file is this user’s alone, and whom it trusts is whole', () => {
  const { folder, open } = stage()
  const first = open().prepare([authority])
  expect(open().prepare([authority, authority])).toEqual(first)
  expect(statSync(join(folder, 'ssh/host_key')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(folder, 'ssh/authorities'), 'utf8')).toBe(`${authority}\n${authority}\n`)
  expect(readFileSync(join(folder, 'ssh/principals'), 'utf8')).toBe('mach_1\n')
})

test('a connection has an sshd of its own, with nothing of this process’s environment, and ends with it', async () => {
  const { folder, open } = stage()
  const ssh = open()
  ssh.prepare([authority])
  process.env.SPOQ_SECRET_OF_TEST = 'seen'
  onTestFinished(() => void delete process.env.SPOQ_SECRET_OF_TEST)
  const { duplex, said } = wire()
  expect(ssh.connected(sshProtocol, duplex)).toBe(true)
  expect(ssh.isUsed()).toBe(true)
  await expect.poll(said).toContain(`-i -e -f ${join(folder, 'ssh/config')}`)
  expect(said()).not.toContain('seen')
  duplex.destroy()
  await expect.poll(ssh.isUsed).toBe(false)
})

test('where systemd starts sshd, outside of the sandbox, a connection is handed over to it and ends with it', async () => {
  const { folder } = stage()
  const socket = join(folder, 'sessions.sock')
  const systemd = createServer(there => void there.end('SSH-2.0-there\r\n')).listen(socket)
  onTestFinished(() => void systemd.close())
  await once(systemd, 'listening')
  const [path, logged] = [process.env.PATH, vi.fn()]
  writeFileSync(join(folder, 'sshd'), '', { mode: 0o755 })
  process.env.PATH = folder
  onTestFinished(() => {
    process.env.PATH = path
  })
  const ssh = openSsh({ folder, machine: 'mach_1', logger: logged, socket })
  ssh.prepare([authority])
  const { duplex, said } = wire()
  expect(ssh.connected(sshProtocol, duplex)).toBe(true)
  await expect.poll(said).toBe('SSH-2.0-there\r\n')
  await expect.poll(ssh.isUsed).toBe(false)
  expect(logged).not.toHaveBeenCalled()
})

/** A stream, and what was written to it. */
function wire() {
  let text = ''
  const duplex = new PassThrough({
    transform(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  return { duplex, said: () => text }
}
