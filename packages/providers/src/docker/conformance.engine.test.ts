import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { type DockerBed, startDockerBed, whyNoDocker } from '@spoq/workbench/docker/bed'
import { afterAll, beforeAll, describe } from 'vitest'
import { conformance } from '../conformance/suite.ts'
import { testSpec } from '../conformance/test-spec.ts'
import type { Resource } from '../provider.ts'
import { type DockerOptions, dockerProvider } from './index.ts'

const { DOCKER_HOST, DOCKER_IMAGE = 'spoq-machine', DOCKER_SOCKETS_DIR } = process.env

/** By `npm run conformance -- docker` the Engine that DOCKER_HOST names, else one of the test's own. */
const isTheRealOne = process.env.SPOQ_CONFORMANCE === 'docker'
if (isTheRealOne && !DOCKER_HOST)
  throw new Error('Set DOCKER_HOST, and DOCKER_IMAGE for another image than spoq-machine.')
const why = isTheRealOne ? null : whyNoDocker()

describe.skipIf(why !== null)('docker', () => {
  let bed: DockerBed | undefined
  beforeAll(async () => {
    if (!isTheRealOne && why === null) bed = await startDockerBed()
  }, 180_000)
  afterAll(() => bed?.stop())

  conformance('docker', async () => {
    const host = bed?.host ?? String(DOCKER_HOST)
    const installation = `test${randomBytes(4).toString('hex')}`
    const image = bed?.image ?? DOCKER_IMAGE
    const options: DockerOptions = {
      host,
      image,
      installation,
      socketsDir: bed?.socketsDir ?? DOCKER_SOCKETS_DIR,
      now: Date.now,
    }
    const provider = dockerProvider(options)
    const docker = (...words: string[]) =>
      execFileSync('docker', ['--host', host, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    const as = (user: number, { machine }: Resource, command: string) =>
      docker('exec', '--user', `${user}:64303`, `spoq-${installation}-${machine}`, 'sh', '-c', command)
    return {
      provider,
      spec: {
        ...testSpec,
        region: 'docker',
        size: 'small',
      },
      isFree: true,
      settleMs: 30_000,
      files: {
        write: async (machine, text) => void as(64_302, machine, `printf %s '${text}' > /var/lib/spoq/workspace/note`),
        read: async machine => as(64_302, machine, 'cat /var/lib/spoq/workspace/note 2>/dev/null || true') || null,
      },
      issuer: async machine => JSON.parse(as(64_301, machine, 'cat /var/lib/spoq/machine/conductor.json')).issuer,
      halfMade: async machine => {
        const labels = ['--label', `dev.spoq.machine=${machine}`, '--label', `dev.spoq.installation=${installation}`]
        docker('volume', 'create', ...labels, `spoq-${installation}-${machine}`)
      },
      cleanup: async () => {
        for (const { ref } of await provider.list()) await provider.terminate(ref)
        const guard = `spoq-guard-${installation}`
        if (docker('ps', '--quiet', '--filter', `name=${guard}`) === '') return
        docker('rm', '--force', guard)
        const asGuard = ['--network', 'host', '--cap-add', 'NET_ADMIN', '--entrypoint', 'nft', image]
        docker('run', '--rm', ...asGuard, 'delete', 'table', 'inet', `spoq_machines_${installation}`)
      },
    }
  })
})
