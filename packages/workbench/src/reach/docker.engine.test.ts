// Machines in Docker, as their owners reach them: by their names, through the gateway.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import type { Machine } from '@spoq/contracts/machine'
import { showStatus } from '@spoq/contracts/status'
import { rotate } from '@spoq/server/tunnel/rotate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNoDocker } from '../docker/bed.ts'
import type { Owner } from '../tunnel/nat.ts'
import { type DockerNat, startDockerNat } from './docker-nat.ts'

const why = whyNoDocker()

describe.skipIf(why !== null)('a machine in Docker behind the gateway', () => {
  let nat: DockerNat
  let ann: Owner
  let ben: Owner
  let annas: Machine & { endpoint: string }

  beforeAll(async () => {
    nat = await startDockerNat()
    ann = await nat.register('ann')
    ben = await nat.register('ben')
    annas = await nat.make(ann)
  }, 240_000)
  afterAll(() => nat?.[Symbol.asyncDispose]())

  const statusWith = (token: string) => {
    const target: Target = {
      origin: annas.endpoint,
      token: async () => token,
      unreachable: 'machine_unreachable',
      now: Date.now,
    }
    return call(target, showStatus)
  }
  const container = () => nat.bed.docker('ps', '--quiet', '--filter', `label=dev.spoq.machine=${annas.id}`).trim()
  const startedAt = () => nat.bed.docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', container())
  const told = () =>
    nat.bed.docker('exec', '--user', '64301:64303', container(), 'cat', '/var/lib/spoq/machine/access.json')

  test('is asked and run on by its owner, who has configured nothing', async () => {
    expect(annas.endpoint).toBe(`http://${annas.name}.localhost:${new URL(nat.gateway).port}`)
    const asked = await nat.spoq(ann, 'ask', '--model', 'demo', '--mode', 'plan', 'what can you do here?')
    expect(asked, asked.stderr).toMatchObject({ status: 0 })
    expect(asked.stdout).toContain('[demo: scripted, not AI]')
    const ran = await nat.spoq(ann, 'run', '--', 'sh', '-c', 'hostname; exit 3')
    expect(ran, ran.stderr).toMatchObject({ status: 3, stdout: 'spoq\n' })
  })

  test('is closed to others', async () => {
    expect((await fetch(`${annas.endpoint}/api/status`)).status).toBe(401)
    const bens = await nat.make(ben)
    await expect(statusWith(await nat.tokenFor(ben, bens.id))).rejects.toMatchObject({ code: 'forbidden' })
    await nat.terminate(ben, bens.id)
  }, 120_000)

  test('goes on as the same container when its token is rotated, and connects with the new one', async () => {
    const before = startedAt()
    const token = await nat.tokenFor(ann, annas.id)
    await rotate(nat.backend().database.db, annas.id, Date.now(), { stolen: true })
    nat.backend().reconciler.wake(annas.id)
    await expect.poll(told, { timeout: 20_000 }).toContain(`_${annas.id}_2_`)
    const state = async () => {
      const { tunnel } = await statusWith(token).catch(() => ({ tunnel: null }))
      return tunnel?.state
    }
    await expect.poll(state, { timeout: 30_000 }).toBe('connected')
    expect(startedAt()).toEqual(before)
  }, 60_000)

  test('leads nowhere once it is over', async () => {
    await nat.terminate(ann, annas.id)
    await expect.poll(async () => (await nat.show(ann, annas.id)).state, { timeout: 60_000 }).toBe('terminated')
    await expect.poll(async () => (await fetch(`${annas.endpoint}/health`)).status, { timeout: 20_000 }).toBe(404)
  }, 90_000)
})
