// All that OpenSSH does, to a machine that is a container, through the real gateway; and one that sleeps wakes for it.

import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Machine } from '@spoq/contracts/machine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNoDocker } from '../docker/bed.ts'
import { copyLibraries } from '../docker/image.ts'
import { type DockerNat, startDockerNat } from '../reach/docker-nat.ts'
import type { GatewaySsh, Owner } from '../tunnel/nat.ts'
import { functions, ssh, type Target } from './functions.ts'
import { clientsOf, newPerson } from './person.ts'
import { newerClient, serverFolder } from './programs.ts'
import { whyNoSshd } from './sshd.ts'

const whyNot = whyNoDocker() ?? whyNoSshd()
const newer = whyNot ? { why: whyNot } : newerClient()
if ('why' in newer) console.log(`skipped, the newer client: ${newer.why}`)
const undo = new AsyncDisposableStack()
let nat: DockerNat
let owner: Owner
let machine: Machine
let idleMs: number | null = null
const person = newPerson()
undo.use(person)

/** What the Dockerfile installs beside the Conductor's own needs. */
function withSsh(files: string): void {
  const server = serverFolder()
  copyFileSync(join(server, 'usr/sbin/sshd'), join(files, 'usr/sbin/sshd'))
  copyLibraries(join(server, 'usr/sbin/sshd'), files, server)
  for (const name of ['bash', 'git', 'rsync', 'scp', 'ssh-add']) {
    rmSync(join(files, 'usr/bin', name), { force: true })
    copyFileSync(join('/usr/bin', name), join(files, 'usr/bin', name))
    copyLibraries(join('/usr/bin', name), files)
  }
  for (const name of ['git-upload-pack', 'git-receive-pack'])
    cpSync(join('/usr/bin', name), join(files, 'usr/bin', name), { verbatimSymlinks: true })
  mkdirSync(join(files, 'usr/share/git-core/templates'), { recursive: true })
}

beforeAll(async () => {
  if (whyNot) return
  const keys = mkdtempSync(join(tmpdir(), 'spoq-ssh-docker-'))
  undo.defer(() => rmSync(keys, { recursive: true, force: true }))
  const ports = { sshDevices: person.devices, idleAfterMs: () => idleMs, idleMs: 200 }
  const gateway = { GATEWAY_SSH_LISTEN: '127.0.0.1:0', GATEWAY_SSH_KEYS: keys }
  nat = undo.use(await startDockerNat(ports, { gateway, image: withSsh }))
  owner = await nat.register('ann')
  machine = await nat.make(owner)
}, 240_000)
afterAll(() => undo.disposeAsync(), 60_000)

const targetBy = (client?: string) =>
  person.targetAt({
    ...{ owner, machine, gateway: nat.ssh() as GatewaySsh, there: '/var/lib/spoq/workspace' },
    ...(client ? { client } : {}),
  })

describe.skipIf(whyNot).each(clientsOf(newer))('a container, by $name', ({ client }) => {
  let target: Target
  beforeAll(async () => {
    target = await targetBy(client)
  }, 60_000)

  for (const { name, works } of functions) test(name, () => works(target))
})

describe.skipIf(whyNot)('a container that sleeps', () => {
  const shown = () => nat.show(owner, machine.id)
  async function asleep(): Promise<void> {
    idleMs = 300
    await expect.poll(shown, { timeout: 60_000 }).toMatchObject({ state: 'suspended', holds: ['idle'] })
    idleMs = null
  }

  test('wakes for who comes in over SSH, who is told so', async () => {
    const target = await targetBy()
    await asleep()
    const began = performance.now()
    const ran = await ssh(target, ['echo awake'])
    console.log(`awake and answered in ${Math.round(performance.now() - began)} ms`)
    expect(ran).toMatchObject({ status: 0, out: 'awake\n' })
    expect(ran.err.trim()).toBe(`${machine.name} is waking up.`)
    expect(await shown()).toMatchObject({ state: 'running', holds: [] })
  }, 120_000)

  test('stays asleep for a key that is nobody’s, and one that its owner stopped says so', async () => {
    const target = await targetBy()
    await asleep()
    const refused = await ssh(target, ['-o', 'PubkeyAuthentication=no', 'true'])
    expect(refused.status).toBe(255)
    expect(await shown()).toMatchObject({ state: 'suspended', holds: ['idle'] })
    await nat.ask(owner, 'POST', `/api/machines/${machine.id}/stop`)
    await expect.poll(async () => (await shown()).state, { timeout: 30_000 }).toBe('stopped')
    const stopped = await ssh(target, ['true'])
    expect(stopped).toMatchObject({ status: 255, err: expect.stringContaining('does not run: it is stopped') })
  }, 120_000)
})
