// Machines in Docker that sleep when nobody uses them, and wake for who asks.

import { call } from '@spoq/client/call'
import { type Machine, machineHistory } from '@spoq/contracts/machine'
import { listSessions } from '@spoq/contracts/session'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNoDocker } from '../docker/bed.ts'
import type { Owner } from '../tunnel/nat.ts'
import { type DockerNat, startDockerNat } from './docker-nat.ts'

const why = whyNoDocker()

describe.skipIf(why !== null)('a machine that nobody uses', () => {
  let nat: DockerNat
  let ann: Owner
  let ben: Owner
  let annas: Machine & { endpoint: string }
  let idleMs: number | null = null

  beforeAll(async () => {
    nat = await startDockerNat({ idleAfterMs: () => idleMs, idleMs: 200 })
    ann = await nat.register('ann')
    ben = await nat.register('ben')
    annas = await nat.make(ann)
  }, 240_000)
  afterAll(() => nat?.[Symbol.asyncDispose]())

  const shown = () => nat.show(ann, annas.id)
  /** Lets it fall asleep, and then no more. */
  async function asleep(): Promise<void> {
    idleMs = 300
    await expect
      .poll(shown, { timeout: 60_000 })
      .toMatchObject({ state: 'suspended', holds: ['idle'], wanted: 'running' })
    idleMs = null
    expect(nat.bed.docker('ps', '--quiet', '--filter', `label=dev.spoq.machine=${annas.id}`)).toBe('')
  }
  const actions = async () => {
    const response = await fetch(
      `http://127.0.0.1:${nat.backend().port}${machineHistory.path.replace('{machine}', annas.id)}`,
      {
        headers: { cookie: ann.cookie },
      },
    )
    const { records } = (await response.json()) as { records: { action: string }[] }
    return records.map(({ action }) => action).filter(action => action !== 'machine.state')
  }

  test('sleeps, says so, and answers the next question as if it had been there', async () => {
    await asleep()
    const status = await nat.spoq(ann, 'status', '--machine', annas.name)
    expect(status.stdout, status.stderr).toContain('asleep; wakes on the next question')
    expect((await shown()).state).toBe('suspended')
    const began = performance.now()
    const asked = await nat.spoq(ann, 'ask', '--model', 'demo', '--mode', 'plan', 'what can you do here?')
    console.log(`asked and answered in ${Math.round(performance.now() - began)} ms`)
    expect(asked, asked.stderr).toMatchObject({ status: 0 })
    expect(asked.stdout).toContain('[demo: scripted, not AI]')
    expect(await shown()).toMatchObject({ state: 'running', holds: [] })
    expect(await actions()).toEqual(['machine.create', 'machine.sleep', 'machine.wake'])
  }, 120_000)

  test('is woken once by 20 who ask at once, and all are answered', async () => {
    const token = await nat.tokenFor(ann, annas.id)
    const target = {
      origin: annas.endpoint,
      token: async () => token,
      unreachable: 'machine_unreachable',
      now: Date.now,
    } as const
    await asleep()
    const before = (await actions()).length
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(target, listSessions)))
    expect(answers.map(({ sessions }) => sessions.length > 0)).toEqual(Array.from({ length: 20 }, () => true))
    expect((await actions()).slice(before)).toEqual(['machine.wake'])
  }, 120_000)

  test('is not woken by somebody else, by nobody, or by a look at it', async () => {
    await asleep()
    const bens = await nat.make(ben)
    const status = async (path: string, token?: string) => {
      const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
      return (await fetch(`${annas.endpoint}${path}`, { headers })).status
    }
    expect(await status('/api/sessions')).toBe(401)
    expect(await status('/api/sessions', await nat.tokenFor(ben, bens.id))).toBe(403)
    expect(await status('/health')).toBe(503)
    expect(await status('/api/status', await nat.tokenFor(ann, annas.id))).toBe(503)
    expect(await shown()).toMatchObject({ state: 'suspended', holds: ['idle'] })
    await nat.terminate(ben, bens.id)
  }, 120_000)

  test('stays asleep once its owner stopped it, and comes up by a start', async () => {
    const stopped = await nat.spoq(ann, 'machine', 'stop', annas.name)
    expect(stopped, stopped.stderr).toMatchObject({ status: 0 })
    const response = await fetch(`${annas.endpoint}/api/sessions`, {
      headers: { authorization: `Bearer ${await nat.tokenFor(ann, annas.id)}` },
    })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30'])
    const started = await nat.spoq(ann, 'machine', 'start', annas.name)
    expect(started, started.stderr).toMatchObject({ status: 0 })
    await asleep()
    expect(await nat.spoq(ann, 'machine', 'start', annas.name)).toMatchObject({ status: 0 })
    expect(await shown()).toMatchObject({ state: 'running', holds: [] })
  }, 180_000)

  test('does not sleep while it runs something for its owner who has left', async () => {
    const run = await nat.spoq(ann, 'run', '--detach', '--', 'sleep', '8')
    expect(run, run.stderr).toMatchObject({ status: 0 })
    idleMs = 300
    await new Promise(done => setTimeout(done, 4_000))
    expect((await shown()).state).toBe('running')
    await asleep()
  }, 120_000)
})
