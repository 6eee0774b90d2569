// All that OpenSSH does, to a server that was set up as a machine, through the real gateway.

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runJob } from '@spoq/kit/ssh-job'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Started, start, until } from '../docker/engine.ts'
import { type Bed, gatewaySshPort, startBed, whyNoServer } from '../vps/bed.ts'
import { runAs } from './bed.ts'
import { functions, ssh, type Target } from './functions.ts'
import { clientsOf } from './person.ts'
import { newerClient } from './programs.ts'

const whyNot = whyNoServer()
const newer = whyNot ? { why: whyNot } : newerClient()
if ('why' in newer) console.log(`skipped, the newer client: ${newer.why}`)
let bed: Bed
let echoing: Started
/** In the person's network, which is not this process's. */
const echo = 9_007
const echoes = `require('net').createServer({ allowHalfOpen: true }, s => s.on('error', () => {}).pipe(s)).listen(${echo}, '127.0.0.1')`

beforeAll(async () => {
  if (whyNot) return
  bed = await startBed({ orders: true, gateway: true })
  const spoq = async (...words: string[]) => {
    const ran = await bed.spoq(...words)
    expect(ran, ran.text).toMatchObject({ status: 0 })
    return ran
  }
  const order = join(bed.folder, 'user-data')
  const provisioned = spoq('provision', '--provider', 'hetzner', '--name', 'ada')
  await until(() => existsSync(order), bed.backend, 'order')
  const done = await runJob(bed.target(), { id: 'first', script: readFileSync(order, 'utf8') }, { onLine: () => {} })
  expect(done).toBe(0)
  await provisioned
  const key = keyPairOf(randomBytes(32), 'person')
  writeFileSync(join(bed.folder, 'id'), key.private, { mode: 0o600 })
  writeFileSync(join(bed.folder, 'id.pub'), `${key.public}\n`)
  await spoq('device', 'add', '--file', join(bed.folder, 'id.pub'), '--all')
  await spoq('profile', 'set', 'spoq', '--forward')
  const [at, user] = [`[127.0.0.1]:${gatewaySshPort}`, 'ada']
  const host = readFileSync(join(bed.folder, 'gateway.log'), 'utf8').match(/"hostKey":"([^"]+)"/)?.[1]
  writeFileSync(join(bed.folder, 'known'), `${at} ${host}\n`)
  const lines = [
    ...['Host gateway', 'Hostname 127.0.0.1', `Port ${gatewaySshPort}`, `User ${user}`, 'LogLevel INFO'],
    ...[`IdentityFile ${join(bed.folder, 'id')}`, 'IdentitiesOnly yes', 'IdentityAgent none', 'BatchMode yes'],
    ...[`UserKnownHostsFile ${join(bed.folder, 'known')}`, 'StrictHostKeyChecking yes', ''],
  ]
  writeFileSync(join(bed.folder, 'config'), lines.join('\n'))
  echoing = start([...bed.world, process.execPath, '-e', echoes], '/dev/null')
}, 240_000)
afterAll(async () => {
  await echoing?.end()
  await bed?.[Symbol.asyncDispose]()
}, 60_000)

describe.skipIf(whyNot).each(clientsOf(newer))('a server, by $name', ({ client }) => {
  let target: Target
  beforeAll(async () => {
    const { folder, world } = bed
    const cwd = join(folder, 'files')
    rmSync(cwd, { recursive: true, force: true })
    mkdirSync(cwd)
    const run: Target['run'] = (program, args, input) => runAs(program, args, { client, cwd, input, within: world })
    target = {
      config: join(folder, 'config'),
      folder,
      run,
      echo,
      there: `/home/spoq/${randomBytes(4).toString('hex')}`,
    }
    const made = await ssh(target, [`mkdir ${target.there}`])
    const logged = () => bed.inside('journalctl --no-pager -n 50 -u spoq-conductor -u "spoq-ssh*"')
    expect(made, made.status === 0 ? '' : await logged()).toMatchObject({ status: 0, err: '' })
  }, 60_000)

  for (const { name, works } of functions) test(name, () => works(target))
})
