// The whole backend with the provider `docker` on a real Engine. The machine fetches the backend's keys as from outside: at
// an address of the Docker host that it is let to reach.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFirstAccount } from '@spoq/contracts/account'
import { pathOf } from '@spoq/contracts/http'
import {
  createMachine,
  type Machine,
  showMachine,
  startMachine,
  stopMachine,
  terminateMachine,
} from '@spoq/contracts/machine'
import { type DockerBed, startDockerBed, whyNoDocker } from '@spoq/workbench/docker/bed'
import { type Relay, startRelay } from '@spoq/workbench/docker/relay'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstTokenFile } from '../account/first-token.ts'
import { type Backend, startBackend } from '../backend.ts'
import { readConfig } from '../config.ts'
import { openProviders } from './open.ts'

const why = whyNoDocker()
const address = '10.99.0.1:9443'

describe.skipIf(why !== null)('a backend with a Docker Engine', () => {
  let bed: DockerBed
  let dataDir: string
  let backend: Backend
  let relay: Relay
  let cookie = ''

  beforeAll(async () => {
    bed = await startDockerBed()
    dataDir = mkdtempSync(join(tmpdir(), 'spoq-docker-'))
    const config = readConfig({
      SPOQ_DATA_DIR: dataDir,
      SERVER_PORT: '0',
      LOG_LEVEL: 'error',
      BASE_URL: `http://${address}`,
      DOCKER_HOST: bed.host,
      DOCKER_IMAGE: bed.image,
      DOCKER_SOCKETS_DIR: bed.socketsDir,
      DOCKER_REACH: address,
    })
    backend = await startBackend(config, {
      openProviders: installation => {
        const docker = openProviders(config, installation, Date.now).get('docker')
        if (!docker) throw new Error('it is not offered')
        // Nobody confirms an address here.
        return new Map([['docker', { ...docker, capabilities: { ...docker.capabilities, hardware: 'own' } }]])
      },
    })
    relay = await startRelay(bed.network.enter, address, backend.port, join(dataDir, 'relay.sock'))
    const token = readFileSync(firstTokenFile(dataDir), 'utf8')
    const body = { token, email: 'ada@example.com', name: 'Ada', password: 'correct horse battery' }
    const answer = await send('post', createFirstAccount.path, body)
    cookie = answer.headers
      .getSetCookie()
      .map(one => one.split(';')[0])
      .join('; ')
  }, 240_000)
  afterAll(async () => {
    await relay?.stop()
    await backend?.stop()
    await bed?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  function send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`http://127.0.0.1:${backend.port}${path}`, {
      method: method.toUpperCase(),
      headers: { origin: `http://${address}`, 'content-type': 'application/json', ...(cookie ? { cookie } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }
  const jsonOf = async <T>(answer: Promise<Response>) => (await answer).json() as Promise<T>
  const shown = (machine: string) => jsonOf<Machine>(send('get', pathOf(showMachine.path, { machine })))
  const reaches = (machine: string, state: Machine['state']) =>
    expect.poll(async () => (await shown(machine)).state, { timeout: 60_000 }).toBe(state)

  test('makes a machine, tells it over its socket who may use it, stops, starts and ends it', async () => {
    const { id, size } = await jsonOf<Machine>(send('post', createMachine.path, { name: 'otter' }))
    expect(size).toBe('small')
    await reaches(id, 'running')
    const [container] = bed.docker('ps', '--quiet', '--filter', `label=dev.spoq.machine=${id}`).split('\n')
    const inside = (command: string) =>
      bed.docker('exec', '--user', '64301:64303', String(container), 'sh', '-c', command)
    const { members } = JSON.parse(inside('cat /var/lib/spoq/machine/access.json'))
    expect(members).toHaveLength(1)
    expect(await shown(id)).toMatchObject({ endpoint: null, error: null })
    await send('post', pathOf(stopMachine.path, { machine: id }))
    await reaches(id, 'stopped')
    await send('post', pathOf(startMachine.path, { machine: id }))
    await reaches(id, 'running')
    await send('post', pathOf(terminateMachine.path, { machine: id }))
    await reaches(id, 'terminated')
    expect(bed.docker('ps', '--all', '--quiet', '--filter', `label=dev.spoq.machine=${id}`)).toBe('')
  }, 180_000)
})
