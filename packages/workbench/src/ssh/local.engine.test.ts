// SSH to a machine of this very computer: there is no tunnel, the gateway comes to its edge.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Machine } from '@spoq/contracts/machine'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { readConfig } from '@spoq/server/config'
import { defaultPorts } from '@spoq/server/ports'
import { expect, test } from 'vitest'
import { type Owner, startNat } from '../tunnel/nat.ts'
import { sshdOnPath, whyNoSshd } from './sshd.ts'

test.skipIf(whyNoSshd())('its owner is let in, and not where another answers in its place', async () => {
  await using undo = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'spoq-ssh-local-'))
  undo.defer(() => rmSync(folder, { recursive: true, force: true }))
  undo.use(sshdOnPath(folder))
  const key = keyPairOf(randomBytes(32), 'ann')
  writeFileSync(join(folder, 'id'), key.private, { mode: 0o600 })
  let [ann, machine]: [Owner | null, Machine | null] = [null, null]
  const nat = undo.use(
    await startNat({
      gateway: { GATEWAY_SSH_LISTEN: '127.0.0.1:0', GATEWAY_SSH_KEYS: join(folder, 'keys') },
      openProviders: (config, installation) =>
        defaultPorts({ ...readConfig({}), dataDir: config.dataDir }).openProviders(installation, nobodysServers),
      ports: {
        sshDevices: {
          whoMay: async () =>
            ann &&
            machine && { account: ann.account, machine: machine.id, device: 'dev_1', mayForward: true, mayTty: true },
          revokedAmong: async () => [],
        },
      },
    }),
  )
  ann = await nat.register('ann')
  const [owner, made] = [ann, await nat.make(ann)]
  machine = made
  // Machines of this computer outlive their backend.
  undo.defer(async () => {
    await nat.terminate(owner, made.id)
    await expect.poll(async () => (await nat.show(owner, made.id)).state, { timeout: 20_000 }).toBe('terminated')
  })
  writeFileSync(join(folder, 'known'), `[127.0.0.1]:${nat.ssh()?.port} ${nat.ssh()?.hostKey}\n`)
  const ssh = async (command: string) => {
    const way = ['-F', 'none', '-p', String(nat.ssh()?.port), '-i', join(folder, 'id'), '-l', machine?.name ?? '']
    const sure = [
      '-o',
      `UserKnownHostsFile=${join(folder, 'known')}`,
      '-o',
      'IdentityAgent=none',
      '-o',
      'BatchMode=yes',
    ]
    const child = spawn('ssh', [...way, ...sure, '127.0.0.1', command], { stdio: 'pipe' })
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    return { out, err, status }
  }
  expect(await ssh('echo there; exit 3')).toMatchObject({ out: 'there\n', status: 3, err: '' })

  const other = `ssh-ed25519 ${keyPairOf(randomBytes(32), 'x').public.split(' ')[1]}`
  await nat.backend().database.db.updateTable('machine_ssh').set({ host_key: other }).execute()
  expect(await ssh('true')).toMatchObject({ status: 255, err: expect.stringContaining('another host key') })
})

const nobodysServers = { list: async () => [], find: async () => null } as never
