// SSH keys of a person, from wherever they are, to a machine: by the real command line, backend and machine. What is published
// under a handle comes from a server here.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyOfLine, keyPairOf, readKeys } from '@spoq/kit/ssh-key'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newComputer, register, signIn } from './computer.ts'
import { type Home, startHome } from './home.ts'

const hasOpenSsh = ['ssh-keygen', 'ssh-agent', 'ssh-add'].every(tool => spawnSync(tool, ['-?']).error === undefined)
if (!hasOpenSsh) console.log("device: no agent is asked, since OpenSSH's tools are not installed here")

let home: Home
let folder: string
let handles: Server
/** What each path answers. */
const published = new Map<string, string>()
const key = (n: number) => keyPairOf(Buffer.alloc(32, n), 'somebody').public
const fingerprint = (n: number) => keyOfLine(key(n)).fingerprint

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spoq-person-'))
  handles = createServer((request, response) => {
    const answer = published.get(request.url ?? '')
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(answer)
  })
  await new Promise<void>(resolve => handles.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(handles.address() as AddressInfo).port}`
  home = await startHome({ environment: { HOME: folder, SSHID_URL: url, GITHUB_URL: url } })
}, 120_000)
afterAll(async () => {
  await home.close()
  handles.close()
  rmSync(folder, { recursive: true, force: true })
})

const devices = async () =>
  (await home.json('device', 'list')).devices as { id: string; name: string; fingerprint: string }[]
const mine = async () => (await devices()).map(one => one.fingerprint)
const check = async () => {
  const { checks } = JSON.parse((await home.spoq(['doctor', '--json'])).stdout)
  return (checks as { id: string; state: string; says: string }[]).find(({ id }) => id === 'device')
}

test('without a key doctor says what to do, and init without a terminal makes none', async () => {
  expect(await check()).toMatchObject({ state: 'warn', says: 'no key may sign in over SSH' })
  const ran = await home.spoq(['init', '--yes'])
  expect(ran.status).toBe(0)
  expect(ran.stderr).toContain('spoq device add --new')
  expect(() => statSync(join(folder, '.ssh'))).toThrow('ENOENT')
})

test('--new makes a key that this user alone can read, and overwrites none', async () => {
  const first = await home.json('device', 'add', '--new')
  const file = join(folder, '.ssh/id_ed25519')
  expect(first.privateFile).toBe(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readKeys(readFileSync(`${file}.pub`)).keys[0]?.fingerprint).toBe(first.devices[0].fingerprint)
  if (hasOpenSsh) {
    const own = execFileSync('ssh-keygen', ['-yf', file], { encoding: 'utf8' })
    expect(keyOfLine(own.trim()).fingerprint).toBe(first.devices[0].fingerprint)
  }
  const before = readFileSync(file, 'utf8')
  expect((await home.json('device', 'add', '--new')).privateFile).toBe(`${file}_spoq`)
  const third = await home.spoq(['device', 'add', '--new'])
  expect([third.status, third.stderr]).toEqual([2, expect.stringContaining('is there already')])
  expect(readFileSync(file, 'utf8')).toBe(before)
  expect(await check()).toMatchObject({ state: 'ok', says: '2 keys may sign in over SSH, 0 did' })
  expect((await home.spoq(['init', '--yes'])).stderr).toContain('may sign in over SSH.')
})

test('--file takes a public key, also twice, and no private one', async () => {
  const file = join(folder, '.ssh/id_ed25519')
  const before = await devices()
  expect(await home.spoq(['device', 'add', '--file', '~/.ssh/id_ed25519.pub'])).toMatchObject({ status: 0 })
  expect(await devices()).toEqual(before)
  const refused = await home.spoq(['device', 'add', '--file', file])
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('this is a private key') })
  expect(refused.stderr).not.toContain(readFileSync(file, 'utf8').split('\n')[1])
  expect(await home.spoq(['device', 'add', '--file', join(folder, 'none')])).toMatchObject({ status: 4 })
})

test('a handle: without a terminal nothing is taken unsaid; what is chosen is, and what changes there is shown first', async () => {
  published.set('/oaftobark', `${key(1)}\n${key(2)}\nssh-dss AAAA\n`)
  const asked = await home.spoq(['device', 'add', '--sshid', 'oaftobark'])
  expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining(fingerprint(2)) })
  expect(asked.stderr).toContain('Line 3 is left out: this is a DSA key')
  expect(await mine()).not.toContain(fingerprint(1))

  const added = await home.json('device', 'add', '--sshid', 'oaftobark', '--fingerprint', fingerprint(1))
  expect(added.devices).toMatchObject([{ fingerprint: fingerprint(1), source: 'sshid:oaftobark', login: null }])
  published.set('/oaftobark', `${key(3)}\n`)
  const shown = await home.json('device', 'refresh')
  expect(shown).toMatchObject({ taken: [], changes: [{ kind: 'new' }, { kind: 'gone' }] })
  expect([await mine()].flat()).toContain(fingerprint(1))
  await home.json('device', 'refresh', 'oaftobark', '--all')
  expect(await mine()).toContain(fingerprint(3))
  expect(await mine()).not.toContain(fingerprint(1))
  expect((await home.spoq(['device', 'refresh'])).stdout).toBe('Nothing has changed.\n')
})

test('GitHub too; a user whom nobody knows is told so', async () => {
  published.set('/alice.keys', `${key(4)}\n${key(5)}\n`)
  await home.json('key', 'add', '--github', 'alice', '--all')
  expect(await mine()).toEqual(expect.arrayContaining([fingerprint(4), fingerprint(5)]))
  expect(await home.spoq(['device', 'add', '--github', 'bob', '--all'])).toMatchObject({
    status: 6,
    stderr: expect.stringContaining('this is a handle that nobody has'),
  })
  const odd = await home.spoq(['device', 'add', '--github', '../admin', '--all'])
  expect(odd).toMatchObject({ status: 6, stderr: expect.stringContaining('no handle') })
})

test.runIf(hasOpenSsh)('the keys of an agent, also when it has none or is not there', async () => {
  const socket = join(folder, 'agent.sock')
  const started = execFileSync('ssh-agent', ['-a', socket, '-s'], { encoding: 'utf8' })
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1])
  const environment = { SSH_AUTH_SOCK: socket }
  try {
    expect(await home.spoq(['device', 'add', '--agent'], { environment })).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('has no key'),
    })
    const file = join(folder, 'agents')
    writeFileSync(file, keyPairOf(Buffer.alloc(32, 6), 'agent').private, { mode: 0o600 })
    execFileSync('ssh-add', ['-q', file], { env: { ...process.env, ...environment } })
    expect(await home.spoq(['device', 'add', '--agent', '--all'], { environment })).toMatchObject({ status: 0 })
    expect(await mine()).toContain(fingerprint(6))
  } finally {
    process.kill(pid)
  }
  expect(await home.spoq(['device', 'add', '--agent'])).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('SSH_AUTH_SOCK'),
  })
})

test('a device is renamed and revoked by its name', async () => {
  const [first] = await devices()
  await home.json('device', 'rename', first?.id ?? '', 'phone')
  expect((await home.spoq(['key', 'list'])).stdout).toMatch(/^phone +\S+ +spoq +pending +never/m)
  await home.json('device', 'revoke', 'phone')
  expect(await home.spoq(['device', 'revoke', 'phone'])).toMatchObject({ status: 4 })
})

test('a profile has devices of its own, and they end with it', async () => {
  await home.json('profile', 'add', 'work', '--forward')
  expect(await home.spoq(['profile', 'add', 'work'])).toMatchObject({ status: 5 })
  expect(await home.spoq(['profile', 'add', 'Root'])).toMatchObject({ status: 2 })
  published.set('/carol', key(7))
  await home.json('device', 'add', '--sshid', 'carol', '--all', '--profile', 'work', '--name', 'carols phone')
  expect((await home.spoq(['profile', 'list'])).stdout).toMatch(
    new RegExp(`${home.machine.name} +work +1 +yes +yes +${home.machine.name}\\+work`),
  )
  expect(await home.json('profile', 'set', 'work', '--no-tty')).toMatchObject({
    profile: { mayForward: true, mayTty: false },
  })
  expect(await home.spoq(['profile', 'remove', 'work'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--yes'),
  })
  await home.json('profile', 'remove', 'work', '--yes')
  expect(await mine()).not.toContain(fingerprint(7))
  expect(await home.spoq(['profile', 'remove', 'spoq', '--yes'])).toMatchObject({ status: 5 })
})

test('a lost computer: its keys and its login end together', async () => {
  const person = { email: 'lost@example.com', password: 'a long password' }
  const laptop = newComputer(home.server)
  const environment = { HOME: mkdtempSync(join(folder, 'home-')) }
  const spoq = (...args: string[]) => laptop.spoq([...args, '--json'], { environment })
  const json = async (...args: string[]) => JSON.parse((await spoq(...args)).stdout)
  await register(home.server, person)
  await signIn(home.server, laptop, person)
  expect(await spoq('init', '--yes')).toMatchObject({ status: 0 })
  const { logins } = await json('login', 'list')
  const { devices } = await json('device', 'add', '--new', '--name', 'my laptop')
  expect(devices).toMatchObject([{ login: logins[0].id }])
  const lost = await json('device', 'lost', 'my laptop', '--yes')
  expect(lost).toMatchObject({ logins: [{ id: logins[0].id }], devices: [{ id: devices[0].id }] })
  expect(await spoq('device', 'list')).toMatchObject({ status: 3 })

  await signIn(home.server, laptop, person)
  expect(await json('device', 'list')).toEqual({ devices: [] })
  const { machines } = await json('machine', 'list')
  expect(await spoq('machine', 'terminate', machines[0].id, '--now', '--yes')).toMatchObject({ status: 0 })
  laptop.remove()
})
