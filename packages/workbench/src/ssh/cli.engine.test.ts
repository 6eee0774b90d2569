// The command line's way in over SSH, the whole of it: its own ssh and scp, the gateway, the tunnel, and an sshd there.

import { execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Machine } from '@spoq/contracts/machine'
import { keyPairOf } from '@spoq/kit/ssh-key'
import type { Devices } from '@spoq/server/ssh/ports'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { freePorts } from '../free-ports.ts'
import { startTerminals } from '../journey/pane.ts'
import { type Nat, type Owner, startNat } from '../tunnel/nat.ts'
import { sshdProgram, whyNoSshd } from './sshd.ts'

const spoq = resolve(import.meta.dirname, '../../../../bin/run.js')

describe.skipIf(whyNoSshd())('the command line over SSH', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-ssh-cli-'))
  const path = (...names: string[]) => join(folder, ...names)
  const key = keyPairOf(randomBytes(32), 'ann')
  let [nat, ann, machine] = [] as unknown as [Nat, Owner, Machine]
  let isKnown = true
  let mayForward = true

  const devices: Devices = {
    whoMay: async (name, profile, blob) =>
      isKnown && name === machine.name && ['', 'work'].includes(profile) && blob === key.public.split(' ')[1]
        ? { account: ann.account, machine: machine.id, device: 'dev_1', mayForward, mayTty: true }
        : null,
    revokedAmong: async () => [],
  }

  beforeAll(async () => {
    const [port] = await freePorts(1)
    nat = await startNat({
      gateway: { GATEWAY_SSH_LISTEN: `127.0.0.1:${port}`, GATEWAY_SSH_KEYS: path('keys') },
      environment: { GATEWAY_SSH_ADDRESS: `127.0.0.1:${port}` },
      conductor: { sshd: sshdProgram(folder) },
      ports: { sshDevices: devices },
    })
    ann = await nat.register('ann')
    machine = await nat.make(ann)
    // The gateway, which was there first, tells its keys when it hears of the backend.
    const told = () => nat.ask<{ gateway: object | null }>(ann, 'GET', '/api/gateway/ssh')
    await vi.waitUntil(async () => (await told()).gateway, { timeout: 30_000, interval: 100 })
    mkdirSync(path('home'))
    writeFileSync(path('id'), key.private, { mode: 0o600 })
  }, 180_000)
  beforeEach(() => {
    ;[isKnown, mayForward] = [true, true]
  })
  afterAll(async () => {
    await nat?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const start = (program: string, args: readonly string[]) =>
    spawn(program, args, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: path('home'), ...nat.environment(ann), SPOQ_KEYCHAIN: 'off' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const run = async (program: string, ...args: string[]) => {
    const child = start(program, args)
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    return { status, out, err }
  }
  const mine = ['IdentitiesOnly=yes', 'IdentityAgent=none', 'BatchMode=yes'].flatMap(option => ['-o', option])
  const identity = ['-i', path('id'), ...mine]
  const words = (verb: string, rest: string[]) => [
    ...[spoq, verb, ...identity.map(option => `--ssh-option=${option}`)],
    ...rest,
  ]
  const cli = (verb: string, ...rest: string[]) => run(process.execPath, ...words(verb, rest))

  test('a command, its output and its status; as a profile too', async () => {
    expect(await cli('ssh', '--', 'echo out; echo err >&2; exit 7')).toEqual({ status: 7, out: 'out\n', err: 'err\n' })
    expect(await cli('ssh', '--', 'exit', '255')).toEqual({ status: 255, out: '', err: '' })
    expect(await cli('ssh', '--profile', 'work', '--', 'echo there')).toMatchObject({ status: 0, out: 'there\n' })
    expect(await cli('ssh', '--tty', '--', 'tty')).toMatchObject({ status: 0, out: expect.stringMatching(/^\/dev\//) })
  })

  test('who is not known, and a gateway with another host key, are told in two lines each', async () => {
    isKnown = false
    const refused = await cli('ssh', '--', 'true')
    expect(refused).toMatchObject({ status: 255, out: '', err: expect.stringContaining('spoq device add') })
    expect(refused.err.trimEnd().split('\n')).toHaveLength(2)
    isKnown = true
    const { db } = nat.backend().database
    const [row] = await db.selectFrom('ssh_gateway').selectAll().execute()
    const other = `ssh-ed25519 ${keyPairOf(randomBytes(32), 'x').public.split(' ')[1]}`
    await db.updateTable('ssh_gateway').set({ host_key: other }).execute()
    const forged = await cli('ssh', '--', 'true')
    await db
      .updateTable('ssh_gateway')
      .set({ host_key: row?.host_key ?? '' })
      .execute()
    expect(forged).toMatchObject({ status: 255, out: '', err: expect.stringContaining('another host key') })
  })

  test('files go there and come back as they were, folders too', async () => {
    const bytes = randomBytes(3_000_000)
    mkdirSync(path('tree/deep'), { recursive: true })
    writeFileSync(path('tree/deep/a b:c'), bytes)
    expect(await cli('cp', '-r', 'tree', `:${path('there')}`)).toMatchObject({ status: 0 })
    expect(await cli('cp', '-r', `${machine.name}:${path('there')}`, path('back'))).toMatchObject({ status: 0 })
    const hash = (data: Buffer) => createHash('sha256').update(data).digest('hex')
    expect(hash(readFileSync(path('back/deep/a b:c')))).toBe(hash(bytes))
    const missing = await cli('cp', ':/nothing/there', '.')
    expect(missing).toMatchObject({ status: 1, err: expect.stringContaining('/nothing/there') })
  })

  test('a port leads to a server there; one that is taken, and a profile that may not, are told', async () => {
    const server = createServer((_, response) => response.end('from there'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const there = (server.address() as AddressInfo).port
    const [port = 0] = await freePorts(1)
    const child = start(process.execPath, words('forward', ['--json', `${port}:127.0.0.1:${there}`]))
    const err = text(child.stderr)
    const [line] = await once(child.stdout, 'data')
    const { listening } = JSON.parse(String(line))
    expect(listening).toBe(`http://localhost:${port}`)
    expect(await (await fetch(listening)).text()).toBe('from there')

    const taken = await cli('forward', `${there}:1`)
    expect(taken).toMatchObject({ status: 5, err: expect.stringContaining(`Port ${there} of this computer is taken`) })
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await err).toBe('')

    mayForward = false
    const other = start(process.execPath, words('forward', [`${port}:127.0.0.1:${there}`]))
    const said = text(other.stderr)
    const ended = once(other, 'exit')
    await Promise.race([once(other.stdout, 'data'), ended])
    await fetch(`http://127.0.0.1:${port}`).catch(() => {})
    expect(await ended).toEqual([5, null])
    expect(await said).toContain('may not forward ports')
    await new Promise(done => server.close(done))
  })

  test('run --tty is a terminal in the workspace, of our size, with our Ctrl-C and the status of the command', async () => {
    const agent = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' })
    const [, socket = ''] = /SSH_AUTH_SOCK=([^;]+)/.exec(agent) ?? []
    onTestFinished(() => void process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(agent)?.[1])))
    execFileSync('ssh-add', ['-q', path('id')], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
    const terminals = startTerminals()
    onTestFinished(() => terminals.close())
    const env = {
      HOME: path('home'),
      ...nat.environment(ann),
      SPOQ_KEYCHAIN: 'off',
      SSH_AUTH_SOCK: socket,
      TERM: 'xterm',
    }
    const pane = await terminals.open({ columns: 100, rows: 30, env, directory: folder })
    writeFileSync(
      path('screen'),
      `#!/bin/sh\nexec '${process.execPath}' '${spoq}' run --tty -- sh -c 'trap "echo caught; stty size; exit 9" INT; pwd; stty size; while :; do sleep 0.1; done'\n`,
      { mode: 0o755 },
    )
    await pane.type('./screen; echo it ended $?\n')
    await pane.shows(/machines\/mach_\w+\/workspace\s+30 100/)
    await pane.resize(80, 24)
    await pane.press('C-c')
    await pane.shows(/caught\s+24 80[\s\S]*it ended 9/)
  })

  test('after ssh-config plain ssh and rsync know the machine by its name', async () => {
    expect(await run(process.execPath, spoq, 'ssh-config')).toMatchObject({ status: 0 })
    const plain = ['-F', path('home/.ssh/config'), ...identity]
    const host = `${machine.name}.spoq`
    expect(await run('ssh', ...plain, host, 'echo plain; exit 3')).toEqual({ status: 3, out: 'plain\n', err: '' })
    writeFileSync(path('sent'), 'by rsync')
    const copied = await run('rsync', '-e', ['ssh', ...plain].join(' '), path('sent'), `${host}:${path('got')}`)
    expect(copied).toMatchObject({ status: 0 })
    expect(readFileSync(path('got'), 'utf8')).toBe('by rsync')
  })
})
