// Many machines on one host: each has its network, all of them answer, and none reaches another.

import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { type DockerBed, startDockerBed, whyNoDocker } from '@spoq/workbench/docker/bed'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testSpec } from '../conformance/test-spec.ts'
import { dockerProvider } from './index.ts'

const why = whyNoDocker()
/** More than Docker's own choice of subnets has room for. */
const count = 50
const machines = Array.from({ length: count }, (_, at) => `mach_${String(at).padStart(20, '0')}`)
const probe = '/usr/lib/spoq/probe.mjs'

describe.skipIf(why !== null)('many machines of docker', () => {
  let bed: DockerBed
  beforeAll(async () => {
    bed = await startDockerBed(files => cpSync(join(import.meta.dirname, 'probe.mjs'), join(files, probe)))
  }, 240_000)
  afterAll(() => bed?.stop(), 120_000)

  test(`${count} on one host are healthy, and keep to themselves`, async () => {
    const { host, image, socketsDir } = bed
    const provider = dockerProvider({ host, image, socketsDir, installation: 'many', now: Date.now })
    const begun = Date.now()
    for (let at = 0; at < count; at += 5)
      await Promise.all(
        machines.slice(at, at + 5).map(machine => provider.create({ ...testSpec, machine, size: 'free' })),
      )
    const seconds = (Date.now() - begun) / 1_000
    const states = (await provider.list()).map(({ state }) => state)
    expect(states).toEqual(machines.map(() => 'running'))
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
    const addresses = bed
      .docker('inspect', '--format', format, ...machines.map(machine => `spoq-many-${machine}`))
      .trim()
      .split('\n')
    expect(new Set(addresses).size).toBe(count)
    const server = ['exec', '--detach', '--user', '64302:64303']
    for (const machine of [machines[1], machines[count - 1]])
      bed.docker(...server, `spoq-many-${machine}`, 'node', probe, 'serve', '8080', 'theirs')
    const targets = [addresses[1], addresses[count - 1]].map(address => `${address}:8080`)
    const [program = '', ...enter] = bed.network.enter
    const connect = [process.execPath, join(import.meta.dirname, 'probe.mjs'), 'connect', ...targets]
    const isAnswered = () =>
      execFileSync(program, [...enter, ...connect], { encoding: 'utf8' }).split('answered theirs').length === 3
    await expect.poll(isAnswered, { timeout: 20_000 }).toBe(true)
    for (const machine of [machines[0], machines[25]])
      for (const line of bed
        .docker('exec', '--user', '64302:64303', `spoq-many-${machine}`, 'node', probe, 'connect', ...targets)
        .trim()
        .split('\n'))
        expect(line).toMatch(/: EHOSTUNREACH$/)
    const used = bed
      .docker('stats', '--no-stream', '--format', '{{.MemUsage}}')
      .split('\n')
      .map(line => Number.parseFloat(line))
    const median = used.filter(mb => mb > 0).sort((a, b) => a - b)[Math.floor(count / 2)]
    console.log(`${count} machines in ${Math.round(seconds)} s, ${median} MiB each when idle (median)`)
    for (let at = 0; at < count; at += 5)
      await Promise.all(machines.slice(at, at + 5).map(machine => provider.terminate(machine)))
    expect(await provider.list()).toEqual([])
    expect(bed.docker('network', 'ls', '--quiet', '--filter', 'label=dev.spoq.machine')).toBe('')
  }, 400_000)
})
