// SSH as its owner uses it, the whole way: OpenSSH's client, the gateway as a process, the backend, the tunnel, the machine's
// Conductor, and an sshd that it starts for each connection.

import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Machine } from '@spoq/contracts/machine'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { listRecords } from '@spoq/server/audit/list'
import type { Devices } from '@spoq/server/ssh/ports'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Nat, type Owner, startNat } from '../tunnel/nat.ts'
import { sshdProgram, whyNoSshd } from './sshd.ts'

const whyNot = whyNoSshd()

describe.skipIf(whyNot)('SSH through the gateway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-ssh-way-'))
  const path = (name: string) => join(folder, name)
  const [anns, bens] = [keyPairOf(randomBytes(32), 'ann'), keyPairOf(randomBytes(32), 'ben')]
  const blob = (key: { public: string }) => key.public.split(' ')[1] ?? ''
  let nat: Nat
  let ann: Owner
  let machine: Machine
  let revoked = new Set<string>()
  let mayForward = true
  let mayTty = true

  /** As the devices of the account would say it: ann's key leads to her machine by its name, alone or with `+work`. */
  const devices: Devices = {
    whoMay: async (name, profile, key) =>
      name === machine?.name && ['', 'work'].includes(profile) && key === blob(anns) && !revoked.has('dev_1')
        ? { account: ann.account, machine: machine.id, device: 'dev_1', mayForward, mayTty }
        : null,
    revokedAmong: async all => all.filter(device => revoked.has(device)),
  }

  beforeAll(async () => {
    const gateway = { GATEWAY_SSH_LISTEN: '127.0.0.1:0', GATEWAY_SSH_KEYS: path('keys') }
    nat = await startNat({ gateway, conductor: { sshd: sshdProgram(folder) }, ports: { sshDevices: devices } })
    ann = await nat.register('ann')
    machine = await nat.make(ann)
    writeFileSync(path('ann'), anns.private, { mode: 0o600 })
    writeFileSync(path('ben'), bens.private, { mode: 0o600 })
    known()
  }, 180_000)
  beforeEach(() => {
    revoked = new Set()
    ;[mayForward, mayTty] = [true, true]
  })
  afterAll(async () => {
    await nat?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const known = () => writeFileSync(path('known'), `[127.0.0.1]:${nat.ssh()?.port} ${nat.ssh()?.hostKey}\n`)
  const args = (who: string, key = 'ann') => [
    ...[
      '-F',
      'none',
      '-p',
      String(nat.ssh()?.port),
      '-i',
      path(key),
      '-l',
      who,
      '-o',
      `UserKnownHostsFile=${path('known')}`,
    ],
    ...[
      '-o',
      'StrictHostKeyChecking=yes',
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'BatchMode=yes',
      '-o',
      'IdentityAgent=none',
    ],
  ]
  const start = (words: string[]) => {
    const child = spawn('ssh', words, { stdio: 'pipe' })
    const ended = once(child, 'exit').then(([status]) => status as number)
    const all = Promise.all([text(child.stdout), text(child.stderr), ended])
    return { child, ran: all.then(([out, err, status]) => ({ out, err, status })) }
  }
  const ssh = (who: string, command: string, key?: string) => start([...args(who, key), '127.0.0.1', command]).ran
  const told = async () =>
    (await listRecords(nat.backend().database.db, machine.id)).filter(({ action }) => action.startsWith('ssh.'))

  test('a command runs on the machine, by its name, and by its name with a profile', async () => {
    expect(await ssh(machine.name, 'echo $SSH_CONNECTION | wc -w; exit 5')).toMatchObject({ status: 5, err: '' })
    expect(await ssh(`${machine.name}+work`, 'echo there')).toMatchObject({ status: 0, out: 'there\n' })
  })

  test('what a session knows of the Conductor is where to ask it, and nothing else', async () => {
    const { out } = await ssh(machine.name, 'env')
    expect(out).toContain('SPOQ_MARKER=')
    expect(out.replace(/^(SPOQ_MARKER|PATH|SSH_\w+)=.*$/gm, '')).not.toMatch(/SPOQ|LD_LIBRARY|NODE|GATEWAY/)
  })

  test('another’s key, another name and another profile are refused alike', async () => {
    const refusals = [
      await ssh(machine.name, 'true', 'ben'),
      await ssh('nobody', 'true'),
      await ssh(`${machine.name}+none`, 'true'),
    ]
    for (const { status, err } of [...refusals, await ssh('no such name!', 'true')]) {
      expect(status).toBe(255)
      expect(err).toContain('Permission denied (publickey,keyboard-interactive)')
    }
  })

  test('each session stands in the audit, with who, from where, what and how much', async () => {
    const before = (await told()).length
    await ssh(machine.name, 'head -c 100000 /dev/zero')
    await expect.poll(async () => (await told()).length).toBe(before + 2)
    const [began, ended] = (await told()).slice(-2)
    expect(began).toMatchObject({ action: 'ssh.begin', actor: `account:${ann.account}`, credential: 'dev_1' })
    expect(ended).toMatchObject({ action: 'ssh.end', requestId: began?.requestId, credential: 'dev_1' })
    expect(ended?.reason).toMatch(/^exec, \d+ bytes in, 10\d{4} out, \d s: /)
  })

  test('a session whose key is revoked ends within seconds, and no other begins', async () => {
    const { child, ran } = start([...args(machine.name), '127.0.0.1', 'echo in; exec sleep 60'])
    await once(child.stdout, 'data')
    const at = Date.now()
    revoked.add('dev_1')
    const { status, err } = await ran
    expect(status).toBe(255)
    expect(err).toContain('You may no longer be here')
    expect(Date.now() - at).toBeLessThan(6_000)
    expect((await ssh(machine.name, 'true')).err).toContain('Permission denied')
  })

  test('ports are forwarded where the profile allows it', async () => {
    const forward = () => start([...args(machine.name), '-W', `127.0.0.1:${new URL(nat.gateway).port}`, '127.0.0.1'])
    const ask = async () => {
      const { child, ran } = forward()
      child.stdin.on('error', () => {})
      child.stdin.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      return ran
    }
    expect((await ask()).out).toContain('HTTP/1.1 404')
    mayForward = false
    expect((await ask()).err).toContain('Forwarding is off here')
  })

  test('who asks for a terminal and may have none is told why; commands and files go on', async () => {
    const tty = (...words: string[]) => start(['-tt', ...args(machine.name), '127.0.0.1', ...words]).ran
    expect((await tty('tty')).out).toMatch(/^\/dev\/pts/)
    mayTty = false
    for (const asked of [await tty(), await tty('echo ran')])
      expect(asked).toMatchObject({ status: 1, out: expect.stringMatching(/^No terminal for this profile/) })
    expect(await ssh(machine.name, 'echo there')).toMatchObject({ status: 0, out: 'there\n', err: '' })
    const list = start(['-s', ...args(machine.name), '127.0.0.1', 'sftp'])
    list.child.stdin.end()
    expect(await list.ran).toMatchObject({ status: 0 })
  })

  test('the gateway’s keys are its user’s alone, and the same after a restart; sessions get their time', async () => {
    const { child, ran } = start([...args(machine.name), '127.0.0.1', 'echo in; sleep 2; echo done'])
    await once(child.stdout, 'data')
    const before = nat.ssh()?.hostKey
    await nat.killGateway('SIGTERM')
    expect(await ran).toMatchObject({ status: 0 })
    await nat.startGateway()
    expect(nat.ssh()?.hostKey).toBe(before)
    known()
    for (const name of ['ssh-host-key', 'ssh-authority'])
      expect(statSync(path(`keys/${name}`)).mode & 0o777).toBe(0o600)
    await expect.poll(async () => (await ssh(machine.name, 'echo back')).out, { timeout: 20_000 }).toBe('back\n')
  })

  test('whoever speaks to the machine’s sshd without the gateway is not let in', async () => {
    const socket = connect(nat.ssh()?.port ?? 0, '127.0.0.1')
    socket.write('SSH-1.5-old\r\n')
    expect(await text(socket)).toMatch(/^SSH-2\.0-Spoq\r\n/)
    const config = readFileSync(join(nat.dataDir, 'machines', machine.id, 'ssh/config'), 'utf8')
    for (const line of ['AuthorizedKeysFile none', 'PasswordAuthentication no', 'UsePAM no'])
      expect(config).toContain(line)
    execFileSync('ssh-keygen', ['-l', '-f', join(nat.dataDir, 'machines', machine.id, 'ssh/authorities')])
  })
})
