// The commands as programs, with an ssh and an scp that write down what they are told and do as they are told.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Machine } from '@spoq/contracts/machine'
import type { Profile } from '@spoq/contracts/profile'
import type { SshGateway } from '@spoq/contracts/ssh'
import { json, type Running, serveHttp } from '@spoq/workbench/stand-ins/http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bin, spoq, temporaryFolder } from '../testing.ts'

const hostKey = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`
const machine = (name: string, rest: Partial<Machine> = {}): Machine => ({
  ...{ id: `mach_${name.padEnd(20, '0')}`, name, provider: 'hetzner', template: 'spoq', region: null, size: null },
  ...{ price: null, state: 'running', wanted: 'running', holds: [], endpoint: 'https://m.example', stage: null },
  ...{ error: null, createdAt: '2026-11-21T10:00:00.000Z', updatedAt: '2026-11-21T10:00:00.000Z' },
  ...rest,
})

let folder: ReturnType<typeof temporaryFolder>
let server: Running
let machines: Machine[]
let gateway: SshGateway | null
let profiles: Profile[]
const path = (...names: string[]) => join(folder.path, ...names)

beforeEach(async () => {
  folder = temporaryFolder()
  ;[machines, profiles] = [[machine('otter')], []]
  gateway = { host: 'ssh.spoq.test', port: 2222, others: [], hostKeys: [hostKey] }
  server = await serveHttp(async (request, response) => {
    if (request.url?.startsWith('/api/machines')) return json(response, 200, { machines })
    if (request.url?.startsWith('/api/profiles')) return json(response, 200, { profiles })
    json(response, 200, { gateway })
  })
  mkdirSync(path('bin'))
  mkdirSync(path('home'))
})
afterEach(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

/** A program on the PATH. `$log` is what follows -E. */
function program(name: string, script: string): void {
  const args = `for arg in "$@"; do printf '%s\\n' "$arg"; done > '${path(`${name}.args`)}'`
  const log = 'log=/dev/stderr; if [ "$1" = -E ]; then log=$2; fi'
  writeFileSync(path('bin', name), `#!/bin/sh\n${args}\n${log}\n${script}\n`)
  chmodSync(path('bin', name), 0o755)
}
const told = (name: string) =>
  readFileSync(path(`${name}.args`), 'utf8')
    .trimEnd()
    .split('\n')
const environment = () => ({
  ...{ PATH: `${path('bin')}:${process.env.PATH}`, HOME: path('home'), SPOQ_DATA_DIR: path('data dir') },
  ...{ SPOQ_SERVER: server.url, SPOQ_TOKEN: 'spoq_pat_secret' },
})
const run = (...args: string[]) => spoq(args, environment())

test('ssh is told where to go, as whom and whom to believe, and no secret; its status is ours', async () => {
  program('ssh', 'echo out; echo err >&2; exit 7')
  expect(await run('ssh', '--ssh-option=-A', '--', 'exit', '7')).toEqual({
    status: 7,
    stdout: 'out\n',
    stderr: 'err\n',
  })
  const args = told('ssh')
  const known = path('data dir/cli/ssh', `known_hosts.127.0.0.1_${new URL(server.url).port}`)
  expect(args.slice(args.indexOf('-T'))).toEqual(['-T', '-A', '--', 'otter.spoq', 'exit', '7'])
  for (const option of ['HostName=ssh.spoq.test', 'Port=2222', 'User=otter', 'StrictHostKeyChecking=yes'])
    expect(args).toContain(option)
  expect(args).toContain(`UserKnownHostsFile="${known}"`)
  expect(args.join(' ')).not.toContain('secret')
  expect(readFileSync(known, 'utf8')).toBe(`spoq-gateway ${hostKey}\n`)
  expect(statSync(known).mode & 0o777).toBe(0o600)
})

test('a profile, by its flag or in the name, is part of the name; --tty asks for a terminal', async () => {
  program('ssh', 'exit 0')
  machines.push(machine('owl'))
  await run('ssh', '-m', 'owl', '--profile', 'work', '--tty', '--', 'top')
  expect(told('ssh')).toContain('User=owl+work')
  expect(told('ssh')).toContain('-tt')
  await run('ssh', '--machine', 'owl+play')
  expect(told('ssh')).toContain('User=owl+play')
  expect(await run('ssh', '-m', 'owl', '--profile', 'a b')).toMatchObject({ status: 2 })
  expect(await run('ssh')).toMatchObject({ stderr: expect.stringContaining('You have several machines: otter, owl.') })
})

test.each([
  ['otter@x: Permission denied (publickey).', 'spoq device add'],
  ['ssh: connect to host x port 22: Connection refused', 'gateway does not answer'],
  ['Received disconnect from 203.0.113.7 port 22:11: otter does not run: it is stopped.', 'spoq machine start otter'],
])('when SSH itself fails by "%s" that is said, and the status is 255', async (said, why) => {
  program('ssh', `echo '${said}' > $log; exit 255`)
  const ran = await run('ssh', '--', 'true')
  expect(ran).toMatchObject({ status: 255, stdout: '', stderr: expect.stringContaining(why) })
  expect(ran.stderr.trimEnd().split('\n')).toHaveLength(2)
})

test('a command that ends with 255 by itself is no failure of SSH', async () => {
  program('ssh', 'echo its own >&2; exit 255')
  expect(await run('ssh', '--', 'x')).toEqual({ status: 255, stdout: '', stderr: 'its own\n' })
})

test('no SSH client, no gateway, and a machine that is stopped: what to do is said', async () => {
  const nothing = { ...environment(), PATH: path('bin') }
  expect(await spoq(['ssh'], nothing)).toMatchObject({ status: 1, stderr: expect.stringContaining('Install OpenSSH') })
  program('ssh', 'exit 0')
  gateway = null
  expect(await run('ssh')).toMatchObject({ status: 5, stderr: expect.stringContaining('spoq run') })
  machines = [machine('otter', { state: 'stopped', wanted: 'stopped' })]
  expect(await run('ssh')).toMatchObject({ stderr: expect.stringContaining('spoq machine start otter') })
  expect(existsSync(path('ssh.args'))).toBe(false)
})

test('SIGTERM reaches ssh, and its end is told as a shell tells it', async () => {
  program('ssh', `trap 'exit 3' TERM; echo there; while :; do sleep 0.05; done`)
  const child = start('ssh')
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  child.kill('SIGTERM')
  expect(await once(child, 'close')).toEqual([3, null])
})

test('what a server says that is no address is never an argument', async () => {
  program('ssh', 'exit 0')
  gateway = { host: '-oProxyCommand=x', port: 22, others: [], hostKeys: [hostKey] }
  expect((await run('ssh')).status).not.toBe(0)
  gateway = { host: 'a', port: 22, others: [], hostKeys: [`${hostKey}\n* ssh-rsa AAAA`] }
  expect((await run('ssh')).status).not.toBe(0)
  expect(existsSync(path('ssh.args'))).toBe(false)
})

test('cp hands the paths to scp, and tells why it did not work', async () => {
  program('scp', 'exit 0')
  expect(await run('cp', 'a', 'b')).toMatchObject({ status: 2, stderr: expect.stringContaining('MACHINE:path') })
  expect(existsSync(path('scp.args'))).toBe(false)
  expect(await run('cp', '-r', '--json', './a', './b:c', 'otter+work:to/here')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^\{.*"machine":"otter".*\}\n$/),
  })
  const args = told('scp')
  expect(args).toContain('User=otter+work')
  expect(args.slice(args.indexOf('-r'))).toEqual(['-r', '-q', '--', './a', './b:c', 'otter.spoq:to/here'])
  program('scp', 'echo "scp: stat remote: No such file or directory" >&2; exit 1')
  expect(await run('cp', ':a', '.')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('scp: stat remote: No such file'),
  })
})

const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [bin, ...args], {
    env: { SPOQ_KEYCHAIN: 'off', ...environment() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

test('forward says the address once it listens and not before; Ctrl-C ends it', async () => {
  program(
    'ssh',
    `echo 'debug1: Authenticating' >&2; while [ ! -e '${path('go')}' ]; do sleep 0.05; done
echo 'debug1: Local forwarding listening on 127.0.0.1 port 3000.' >&2; while :; do sleep 0.05; done`,
  )
  const child = start('forward', '--json', '3000')
  let out = ''
  child.stdout?.setEncoding('utf8').on('data', chunk => {
    out += chunk
  })
  await expect.poll(() => existsSync(path('ssh.args')), { timeout: 10_000 }).toBe(true)
  expect(out).toBe('')
  writeFileSync(path('go'), '')
  await expect.poll(() => out, { timeout: 10_000 }).not.toBe('')
  expect(JSON.parse(out)).toMatchObject({ listening: 'http://localhost:3000', machine: 'otter' })
  expect(told('ssh')).toContain('127.0.0.1:3000:localhost:3000')
  child.kill('SIGINT')
  expect(await once(child, 'close')).toEqual([0, null])
})

test.each([
  ['bind [127.0.0.1]:3000: Address already in use', 'exit 255', 5, 'Port 3000 of this computer is taken.'],
  ['channel 2: open failed: administratively prohibited: no', 'exec sleep 30', 5, 'may not forward ports'],
])('forward ends by "%s" with a clear line', async (said, then, status, why) => {
  program('ssh', `echo '${said}' >&2; ${then}`)
  const ran = await run('forward', '3000')
  expect(ran).toMatchObject({ status, stdout: '', stderr: expect.stringContaining(why) })
})

test('ssh-config writes a block once, updates it, prints it and takes it away; nothing else changes', async () => {
  const config = path('home/.ssh/config')
  mkdirSync(path('home/.ssh'))
  const theirs = 'Host *\n  User ann\n'
  writeFileSync(config, theirs)
  profiles = ['spoq', 'work'].map(name => ({
    ...{ id: `prof_${name.padEnd(20, '0')}`, machine: machine('otter').id, machineName: 'otter', name },
    ...{ isDefault: name === 'spoq', mayForward: false, mayTty: true, createdAt: '2026-11-21T10:00:00.000Z' },
  }))
  const withProfile = (await run('ssh-config', '--print')).stdout
  expect(withProfile.match(/^Host .*$/gm)).toEqual(['Host otter.spoq', 'Host otter+work.spoq'])
  expect(withProfile).toContain('User otter+work')
  profiles = []
  const printed = await run('ssh-config', '--print')
  expect(printed.stdout).toMatch(/^Host otter\.spoq$/m)
  expect(readFileSync(config, 'utf8')).toBe(theirs)
  expect(await run('ssh-config')).toMatchObject({ status: 0, stdout: expect.stringContaining('ssh knows otter.spoq.') })
  const once = readFileSync(config, 'utf8')
  expect(once.endsWith(theirs)).toBe(true)
  expect(JSON.parse((await run('ssh-config', '--json')).stdout)).toMatchObject({ changed: false })
  machines.push(machine('owl'))
  expect(JSON.parse((await run('ssh-config', '--json')).stdout)).toMatchObject({ changed: true })
  expect(readFileSync(config, 'utf8')).toBe(once)
  // Their own ssh reads it so, from a path with a space.
  const read = await text(spawn('ssh', ['-G', '-F', config, 'owl.spoq']).stdout)
  for (const line of ['user owl', 'hostname ssh.spoq.test', 'port 2222', 'hostkeyalias spoq-gateway'])
    expect(read.split('\n')).toContain(line)
  expect(read).toMatch(/^userknownhostsfile .*data dir\/cli\/ssh\/known_hosts/m)
  expect(await run('ssh-config', '--remove')).toMatchObject({ status: 0 })
  expect(readFileSync(config, 'utf8')).toBe(theirs)
  expect(existsSync(path('data dir/cli/ssh/config'))).toBe(false)
})
