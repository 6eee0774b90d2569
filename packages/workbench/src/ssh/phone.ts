// J3, as a person has it: a laptop, and a phone of 40 columns with an SSH client and a key that is shared under a handle at
// ssh.id. Between them the gateway as a process, the backend, the tunnel, and a machine that looks as the set-up leaves it.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Machine } from '@spoq/contracts/machine'
import { quoted } from '@spoq/kit/shell-word'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { newComputer, signIn } from '../journey/computer.ts'
import { bin, cleanEnvironment, type Ran, runSpoq } from '../journey/home.ts'
import { type Pane, startTerminals } from '../journey/pane.ts'
import { type Nat, type Owner, startNat } from '../tunnel/nat.ts'
import { sshdProgram } from './sshd.ts'

export const columns = 40

export interface PhoneWorld extends AsyncDisposable {
  nat: Nat
  owner: Owner
  machine: Machine
  /** The command line of the laptop, to its end. */
  spoq: (...args: string[]) => Promise<Ran>
  /** The laptop's terminal. */
  laptop: Pane
  phone: Pane
}

/** Starts it, with the key under the handle `oaftobark` and no device yet. */
export async function startPhoneWorld(): Promise<PhoneWorld> {
  await using undo = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'spoq-phone-'))
  undo.defer(() => rmSync(folder, { recursive: true, force: true }))
  const path = (...names: string[]) => join(folder, ...names)
  const key = keyPairOf(randomBytes(32), 'phone')
  const handles = await publish(`${key.public}\n`)
  undo.defer(handles.close)
  const nat = undo.use(
    await startNat({
      gateway: { GATEWAY_SSH_LISTEN: '127.0.0.1:0', GATEWAY_SSH_KEYS: path('keys') },
      conductor: { sshd: machinesSshd(folder) },
    }),
  )
  const owner = await nat.register('ann')
  const machine = await nat.make(owner)
  setUp(path('machine'), join(nat.dataDir, 'machines', machine.id), machine)

  const terminals = startTerminals()
  undo.defer(() => terminals.close())
  const computer = newComputer(nat.backend().url)
  undo.defer(() => computer.remove())
  await signIn(computer.environment.SPOQ_SERVER ?? '', computer, {
    email: 'ann@example.com',
    password: 'correct horse',
  })
  const { NODE_OPTIONS = '' } = nat.environment(owner)
  const environment = { ...cleanEnvironment(), ...computer.environment, NODE_OPTIONS, SSHID_URL: handles.url }
  const shared = { TERM: 'xterm-256color', LANG: 'C.UTF-8' }
  for (const name of ['laptop', 'phone']) mkdirSync(path(name))
  writeFileSync(path('phone/id'), key.private, { mode: 0o600 })
  writeFileSync(path('phone/known'), `spoq.dev ${nat.ssh()?.hostKey}\n`)
  writeFileSync(path('phone/config'), clientConfig(path('phone'), nat.ssh()?.port ?? 0))
  program(path('programs'), 'ssh', `exec /usr/bin/ssh -F '${path('phone/config')}'`)
  program(path('laptops'), 'spoq', `exec '${process.execPath}' '${bin}'`)
  const laptop = await terminals.open({
    ...{ columns: 100, rows: 30, directory: path('laptop') },
    env: { ...environment, ...shared },
  })
  const phone = await terminals.open({
    ...{ columns, rows: 20, directory: path('phone') },
    env: { ...shared, HOME: path('phone') },
  })
  // The shell that tmux starts them by has a path of its own.
  await laptop.type(`PATH=${path('laptops')}:$PATH; clear\n`)
  await phone.type(`PATH=${path('programs')}:$PATH; clear\n`)
  const running = undo.move()
  return {
    ...{ nat, owner, machine, laptop, phone },
    spoq: (...args) => runSpoq(args, { environment, directory: path('laptop') }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Told of what the phone shows after each step, as lines that are whole where they wrapped. */
export type Saw = (title: string, lines: string[]) => void

/** An approval takes no key in the moment it comes up. */
const moment = () => sleep(700)

/** Goes through the journey; throws where it does not go on. */
export async function travel({ machine, spoq, laptop, phone }: PhoneWorld, saw: Saw): Promise<void> {
  const look = async (title: string) => saw(title, await phone.lines())
  await given(spoq('model', 'use', 'demo'))
  await given(spoq('device', 'add', '--sshid', 'oaftobark', '--all', '--name', 'phone'))

  await phone.type(`clear; ssh ${machine.name}@spoq.dev\n`)
  await phone.shows('Your personal AI computer.')
  await phone.shows(/#$/m)
  await look('Logged in with the key that the handle shares: the welcome')
  await phone.type('clear; spoq ask "count 12"\n')
  await phone.shows(/10 11 12[\s\S]*#$/m)
  await look('Asked on the machine itself, with no token')
  await phone.type('clear; spoq status\n')
  await phone.shows(/#$/m)
  await look('How it is')

  await laptop.type('spoq chat\n')
  await laptop.shows('Ask anything')
  await laptop.type('run: echo from-the-laptop\n')
  await laptop.shows('Allow this?')
  await phone.type('clear; spoq chat --continue\n')
  await phone.shows('Allow this?')
  await look('The laptop’s conversation, whose turn waits for an approval')
  await moment()
  await phone.press('y')
  await phone.shows(/answered:\s+from-the-laptop/)
  await look('Approved on the phone')
  await laptop.shows('Allowed by the machine itself: run: echo from-the-laptop')
  await laptop.lacks('Allow this?')

  await phone.type('run: echo from-the-phone\n')
  await phone.shows('Allow this?')
  await laptop.shows('Allow this?')
  await look('Asked on the phone')
  await moment()
  await laptop.press('y')
  await laptop.shows(/answered: from-the-phone/)
  await phone.shows(/answered:\s+from-the-phone/)
  await phone.lacks('Allow this?')
  await look('Approved on the laptop, seen on the phone')
  for (const pane of [phone, laptop]) {
    await pane.press('C-d')
    await pane.shows('Come back')
  }
  await look('Left; the conversation stays')
  await phone.type('exit\n')
  await phone.shows('closed')
}

async function given(running: Promise<Ran>): Promise<void> {
  const { status, stderr } = await running
  if (status !== 0) throw new Error(stderr)
}

/** As ssh.id answers for a handle. */
async function publish(text: string): Promise<{ url: string; close: () => void }> {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/plain').end(text))
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

/** Debian's sshd, for which `/etc` and `/usr/local/bin` have besides what stands in a folder of ours. */
function machinesSshd(folder: string): string {
  const [inner, machine] = [sshdProgram(folder), join(folder, 'machine')]
  for (const each of ['etc', 'bin']) mkdirSync(join(machine, each), { recursive: true })
  const over = (own: string, path: string) =>
    `mount -t overlay overlay -o 'lowerdir=${join(machine, own)}:${path}' ${path}`
  // Who comes in is called as on a machine that was set up.
  const home = join(machine, 'home')
  const passwd = readFileSync(join(folder, 'passwd'), 'utf8').replace(/^root:.*$/m, `root:x:0:0::${home}:/bin/bash`)
  writeFileSync(join(folder, 'passwd'), `spoq:x:0:0::${home}:/bin/bash\n${passwd}`)
  const script = [over('etc', '/etc'), over('bin', '/usr/local/bin'), `exec ${inner} "$@"`].join('; ')
  const outer = join(folder, 'sshd-of-the-machine')
  writeFileSync(outer, `#!/bin/sh\nexec unshare --mount --propagation private sh -ec ${quoted(script)} sshd "$@"\n`, {
    mode: 0o755,
  })
  return outer
}

const script = resolve(import.meta.dirname, '../../../conductor/setup/set-up.sh')

/** Writes what the set-up writes for those who come in, by its own words, and its command line. */
function setUp(root: string, state: string, { id, name }: Machine): void {
  const welcome = /^write_welcome\(\) \{[\s\S]*?^\}$/m.exec(readFileSync(script, 'utf8'))?.[0]
  if (!welcome) throw new Error('the set-up writes no welcome')
  const put = `put() { mkdir -p "$(dirname "${root}$1")"; cat >"${root}$1"; }`
  execFileSync('sh', ['-ec', `${put}\n${welcome}\nwrite_welcome`], {
    env: { PATH: process.env.PATH, state: join(root, 'state'), SPOQ_MACHINE: id, SPOQ_NAME: name },
  })
  mkdirSync(join(root, 'state'))
  mkdirSync(join(root, 'home'))
  execFileSync('ln', ['-s', state, join(root, 'state/machine')])
  program(join(root, 'bin'), 'spoq', `exec '${process.execPath}' '${bin}'`)
}

function program(folder: string, name: string, words: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), `#!/bin/sh\n${words} "$@"\n`, { mode: 0o755 })
}

/** What an app keeps: where, by which key, and whom to believe. */
const clientConfig = (folder: string, port: number) =>
  [
    'Host spoq.dev',
    'HostName 127.0.0.1',
    `Port ${port}`,
    'HostKeyAlias spoq.dev',
    `UserKnownHostsFile ${join(folder, 'known')}`,
    'StrictHostKeyChecking yes',
    `IdentityFile ${join(folder, 'id')}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    '',
  ].join('\n')
