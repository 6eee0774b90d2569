// All that OpenSSH does, to a machine of this very computer through the real gateway.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Machine } from '@spoq/contracts/machine'
import { readConfig } from '@spoq/server/config'
import { defaultPorts } from '@spoq/server/ports'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type GatewaySsh, type Owner, startNat } from '../tunnel/nat.ts'
import { functions, type Target } from './functions.ts'
import { clientsOf, newPerson } from './person.ts'
import { newerClient } from './programs.ts'
import { sshdOnPath, whyNoSshd } from './sshd.ts'

const whyNot = whyNoSshd()
const newer = whyNot ? { why: whyNot } : newerClient()
if ('why' in newer) console.log(`skipped, the newer client: ${newer.why}`)
const undo = new AsyncDisposableStack()
let owner: Owner
let machine: Machine
let gateway: GatewaySsh
let folder: string
const person = newPerson()
undo.use(person)

beforeAll(async () => {
  if (whyNot) return
  folder = mkdtempSync(join(tmpdir(), 'spoq-ssh-local-'))
  undo.defer(() => rmSync(folder, { recursive: true, force: true }))
  undo.use(sshdOnPath(folder))
  const nat = undo.use(
    await startNat({
      gateway: { GATEWAY_SSH_LISTEN: '127.0.0.1:0', GATEWAY_SSH_KEYS: join(folder, 'keys') },
      openProviders: (config, installation) =>
        defaultPorts({ ...readConfig({}), dataDir: config.dataDir }).openProviders(installation, nobodysServers),
      ports: { sshDevices: person.devices },
    }),
  )
  owner = await nat.register('ann')
  machine = await nat.make(owner)
  // Machines of this computer outlive their backend.
  undo.defer(async () => {
    await nat.terminate(owner, machine.id)
    const isOver = async () => expect((await nat.show(owner, machine.id)).state).toBe('terminated')
    await vi.waitFor(isOver, { timeout: 20_000, interval: 100 })
  })
  gateway = nat.ssh() as GatewaySsh
}, 180_000)
afterAll(() => undo.disposeAsync(), 60_000)

describe.skipIf(whyNot).each(clientsOf(newer))('a local machine, by $name', ({ client }) => {
  let target: Target
  beforeAll(async () => {
    target = await person.targetAt({ owner, machine, gateway, there: folder, ...(client ? { client } : {}) })
  }, 60_000)

  for (const { name, works } of functions) test(name, () => works(target))

  test('nothing is said that was not asked for', async () => {
    expect((await target.run('ssh', ['-F', target.config, 'gateway', 'true'])).err).toBe('')
  })
})

const nobodysServers = { list: async () => [], find: async () => null } as never
