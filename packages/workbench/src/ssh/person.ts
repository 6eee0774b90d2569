// A person with OpenSSH's own client before a real gateway, and which devices the backend then knows: the one of that person.

import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Machine } from '@spoq/contracts/machine'
import { keyPairOf } from '@spoq/kit/ssh-key'
import type { Devices } from '@spoq/server/ssh/ports'
import type { GatewaySsh, Owner } from '../tunnel/nat.ts'
import { runAs } from './bed.ts'
import { ssh, type Target } from './functions.ts'

export interface SshPerson extends Disposable {
  devices: Devices
  /** The way to a machine of an owner, as whom the person is known from then on. */
  targetAt: (where: Where) => Promise<Target>
}

interface Where {
  owner: Owner
  machine: Machine
  gateway: GatewaySsh
  /** A folder on the machine in which there may be another. */
  there: string
  /** A folder with the client's programs, before those of this computer. */
  client?: string
}

export function newPerson(): SshPerson {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-ssh-person-'))
  const path = (name: string) => join(folder, name)
  const key = keyPairOf(randomBytes(32), 'person')
  let known: { owner: Owner; machine: Machine } | null = null
  writeFileSync(path('id'), key.private, { mode: 0o600 })
  writeFileSync(path('id.pub'), `${key.public}\n`)

  const devices: Devices = {
    whoMay: async (name, _profile, blob) =>
      known && name === known.machine.name && blob === key.public.split(' ')[1]
        ? { account: known.owner.account, machine: known.machine.id, device: 'dev_1', mayForward: true, mayTty: true }
        : null,
    revokedAmong: async () => [],
  }
  return {
    devices,
    async targetAt({ owner, machine, gateway, there, client }) {
      known = { owner, machine }
      const files = path('files')
      rmSync(files, { recursive: true, force: true })
      mkdirSync(files)
      writeFileSync(path('known'), `[127.0.0.1]:${gateway.port} ${gateway.hostKey}\n`)
      writeFileSync(path('config'), configOf(path, gateway.port, machine.name))
      const run: Target['run'] = (program, args, input) => runAs(program, args, { client, cwd: files, input })
      const target = { config: path('config'), folder, run, there: `${there}/${randomBytes(4).toString('hex')}` }
      const made = await ssh(target, [`mkdir ${target.there}`])
      if (made.status !== 0) throw new Error(`there is no way to the machine: ${made.err}`)
      return target
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function configOf(path: (name: string) => string, port: number, user: string): string {
  const lines = [
    ...['Host gateway', 'Hostname 127.0.0.1', `Port ${port}`, `User ${user}`, `IdentityFile ${path('id')}`],
    ...['IdentitiesOnly yes', 'IdentityAgent none', `UserKnownHostsFile ${path('known')}`],
    ...['StrictHostKeyChecking yes', 'BatchMode yes', 'LogLevel INFO', ''],
  ]
  return lines.join('\n')
}

/** Clients that are tried: the one of this computer, and a newer one where it can be had. */
export function clientsOf(newer: { folder: string } | { why: string }): { name: string; client?: string }[] {
  const here = { name: 'the client that is here' }
  return 'folder' in newer ? [here, { name: 'a newer client', client: newer.folder }] : [here]
}
