// A bare server becomes a machine: ordered by the command line at a real backend, set up by the script of the order, used
// over https through Caddy, killed, restarted and set up once more.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, runJob } from '@spoq/kit/ssh-job'
import { sshKeyOf } from '@spoq/server/setup/ssh-key'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Started, start, until } from '../docker/engine.ts'
import { bin, cleanEnvironment } from '../journey/home.ts'
import { makeNet, type Net } from './net.ts'
import { fetchPackages } from './packages.ts'
import { type BareServer, startServer } from './server.ts'

const missing = ['systemd-nspawn', 'nft', 'ip', 'nsenter', 'unshare', 'apt-get', 'chroot'].filter(name => !has(name))
if (process.getuid?.() !== 0) missing.push('root')
let debs = { installed: [] as string[], cached: [] as string[] }
if (missing.length === 0)
  try {
    // A server at a provider has sshd; the rest is for the set-up to install.
    debs = {
      installed: fetchPackages(['openssh-server']),
      cached: fetchPackages(['caddy', 'unattended-upgrades', 'rsync']),
    }
  } catch (error) {
    missing.push(`package of the distribution (${String(error).split('\n', 1)[0]})`)
  }
if (missing.length > 0 && process.env.CI === 'true') throw new Error(`the set-up cannot be tested: no ${missing}`)
if (missing.length > 0) console.log(`skipped: there is no ${missing.join(', ')}`)

const key = sshKeyOf('the key of a provider', 'mach_x')
/** Of the backend: the command line takes http on a computer's own address only, so it leads there from both. */
const address = 'http://127.0.0.1:4100'
let folder: string
let net: Net
let server: BareServer
let backend: Started
/** Of the person's computer. */
let environment: Record<string, string>
let script: string

beforeAll(async () => {
  if (missing.length > 0) return
  execFileSync(process.execPath, [join(import.meta.dirname, '../build/main.ts')], { stdio: 'inherit' })
  folder = mkdtempSync('/var/lib/spoq-vps-')
  net = makeNet()
  net.relay(4100)
  writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost\n10.98.0.1 ada.spoq.test\n')
  server = await startServer(join(folder, 'server'), net, debs, key.public.replace('spoq-set-up', 'provider'))
  backend = await startBackend()
  environment = {
    ...cleanEnvironment(),
    ...JSON.parse(await outside(['person.ts', address])),
    NODE_EXTRA_CA_CERTS: root(),
  }
}, 180_000)
afterAll(async () => {
  await backend?.end()
  await server?.stop()
  net?.remove()
  if (folder) rmSync(folder, { recursive: true, force: true })
  if (environment?.SPOQ_DATA_DIR) rmSync(environment.SPOQ_DATA_DIR, { recursive: true, force: true })
})

/** What signs the machine's certificates. */
const root = () => join(server.root, 'var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt')

/** Before a command, to run it in the world outside of the server. */
const world = () => [
  ...[...net.cloud.enter, 'unshare', '--mount', 'sh', '-c'],
  ...['mount --bind "$1" /etc/hosts && shift && exec "$@"', 'sh', join(folder, 'hosts')],
]

async function startBackend(): Promise<Started> {
  const env = {
    ...cleanEnvironment(),
    ...{ SPOQ_DATA_DIR: join(folder, 'backend'), SERVER_HOST: '0.0.0.0', SERVER_PORT: '4100', BASE_URL: address },
    ...{ MACHINE_DOMAIN: 'spoq.test', MACHINE_TLS: 'internal' },
  }
  const words = [process.execPath, join(import.meta.dirname, 'backend.ts'), root(), join(folder, 'user-data')]
  const started = start([...world(), ...words], join(folder, 'backend.log'), env)
  await until(() => /^ready$/m.test(started.said()), started, 'backend')
  return started
}

/** Runs a program of ours, or the command line, in the world outside; its output, whatever its status. */
async function outside([file = '', ...args]: string[], env: Record<string, string> = cleanEnvironment()) {
  const program = file === 'spoq' ? bin : join(import.meta.dirname, file)
  const [first = '', ...rest] = [...world(), process.execPath, program, ...args]
  const child = spawn(first, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  let errors = ''
  child.stdout.on('data', chunk => (text += chunk))
  child.stderr.on('data', chunk => (errors += chunk))
  const [status] = await once(child, 'close')
  if (status !== 0 && !file.startsWith('spoq')) throw new Error(`${file} ended with ${status}: ${errors}`)
  return file === 'spoq' ? `${text}${errors}status ${status}` : text
}
const spoq = (...args: string[]) => outside(['spoq', ...args], environment)

const target = (user = 'root') => ({
  ...{ host: '10.98.0.1', user, privateKey: key.private, hostKey: null },
  dial: () => server.dial(22),
})

/** Runs a command on the server as root, over SSH: its output, errors included. */
async function inside(command: string, user = 'root'): Promise<string> {
  using connection = await connect(target(user))
  const { channel, ended } = await connection.exec(`{ ${command}\n} 2>&1`)
  let text = ''
  channel.on('data', (chunk: Buffer) => (text += chunk))
  await ended
  return text
}

let jobs = 0
/** Runs the script as the server would at its first start. */
async function runScript(text: string, dial = target().dial) {
  const lines: string[] = []
  const id = `test-${++jobs}`
  const status = await runJob({ ...target(), dial }, { id, script: text }, { onLine: line => lines.push(line) })
  return { status, lines, log: await inside(`cat /var/lib/spoq-jobs/${id}/log`) }
}

async function answersWithin(ms: number, ask: () => Promise<boolean>): Promise<number> {
  const before = Date.now()
  while (!(await ask().catch(() => false))) {
    if (Date.now() - before > ms) throw new Error(`nothing answers in ${ms} ms`)
    await sleep(100)
  }
  return Date.now() - before
}

test.skipIf(missing.length > 0)(
  'an ordered server becomes a machine that is used over https',
  async () => {
    const ordered = spoq('provision', '--provider', 'hetzner', '--name', 'ada')
    await until(() => existsSync(join(folder, 'user-data')), backend, 'order')
    script = readFileSync(join(folder, 'user-data'), 'utf8')
    expect(Buffer.byteLength(script)).toBeLessThan(32_768)

    // Not the release that was meant: nothing of it is unpacked, and the owner is told at once.
    const forged = await runScript(script.replace(/^SPOQ_SHA256='.{8}/m, "SPOQ_SHA256='00000000"))
    expect(forged.status).toBe(1)
    expect(forged.lines.at(-1)).toMatch(/^failed: fetching the release: the release is not the one that was meant/)
    expect(existsSync(join(server.root, 'usr/lib/spoq'))).toBe(false)
    expect(await ordered).toMatch(/The set-up failed while fetching the release/)

    // Its server is replaced by this very one, which goes on where it was.
    rmSync(join(folder, 'user-data'))
    const again = spoq('machine', 'start', 'ada')
    await until(() => existsSync(join(folder, 'user-data')), backend, 'second order')
    script = readFileSync(join(folder, 'user-data'), 'utf8')
    let ways = 0
    const done = await runScript(script, () => {
      const way = server.dial(22)
      // The first connection breaks in the middle.
      if (++ways === 1) setTimeout(() => way.destroy(), 4_000)
      return way
    })
    expect(done.lines.slice(-4)).toEqual([
      'stage: looking whether it answers',
      expect.stringMatching(/^changed: release .*conductor https folders ssh updates welcome$/),
      expect.stringMatching(/^host-key: ssh-ed25519 /),
      'done',
    ])
    expect(done.status).toBe(0)
    expect(`${done.lines.join('\n')}\n`).toBe(done.log)
    expect(await again).toMatch(/status 0$/)

    expect(await spoq('machine', 'show', 'ada', '--json')).toContain('"endpoint":"https://ada.spoq.test"')
    expect(await spoq('ask', '--model', 'demo', 'count 3')).toMatch(/1 2 3[\s\S]*status 0$/)
    expect(await spoq('run', '--', 'sh', '-c', 'id -un; hostname; exit 3')).toMatch(/spoq\nbare\n[\s\S]*status 3$/)
  },
  240_000,
)

test.skipIf(missing.length > 0)(
  'no way through the proxy opens without a token',
  async () => {
    const answers = (await outside(['knock.ts', 'https://ada.spoq.test'], environment)).trim().split('\n')
    expect(answers.length).toBeGreaterThan(40)
    expect(answers.filter(line => !line.startsWith('401'))).toEqual(['200 GET /health'])
  },
  60_000,
)

test.skipIf(missing.length > 0)(
  'who is logged in on the machine asks without a token; others do not',
  async () => {
    expect(await inside('su - spoq -c "spoq ask --model demo \'count 2\'"')).toContain('1 2')
    expect(await inside('su - spoq -c "sudo -n true"')).toMatch(/password is required|not in the sudoers|not found/)
    const connect = `const s = require('net').connect('/var/lib/spoq/machine/local.sock'); s.on('error', e => console.log(e.code))`
    for (const user of ['spoq-tools', 'nobody', 'caddy'])
      expect(
        await inside(`setpriv --reuid=${user} --regid=nogroup --clear-groups /usr/lib/spoq/bin/node -e "${connect}"`),
      ).toBe('EACCES\n')
    // The welcome is for shells that somebody sits at.
    await inside(
      'install -d -o spoq -g spoq -m 700 /home/spoq/.ssh && install -o spoq -m 600 /root/.ssh/authorized_keys /home/spoq/.ssh/',
    )
    expect(await inside('echo only this', 'spoq')).toBe('only this\n')
    expect(await inside('script -qec "bash -lic true" /dev/null', 'spoq')).toContain('This is ada')
    expect(await inside('sshd -T')).toMatch(/^permitrootlogin without-password$[\s\S]*^passwordauthentication no$/m)
    expect(await inside('systemctl is-enabled spoq-conductor spoq-firewall caddy')).toBe('enabled\n'.repeat(3))
  },
  60_000,
)

test.skipIf(missing.length > 0)(
  'the Conductor is back within five seconds after it was killed',
  async () => {
    const before = await inside('pgrep -f conductor/main.js')
    await inside('pkill -KILL -f conductor/main.js')
    const health = async () => (await spoq('status')).endsWith('status 0')
    expect(
      await answersWithin(20_000, async () => (await inside('pgrep -f conductor/main.js')) !== before),
    ).toBeLessThan(5_000)
    await answersWithin(20_000, health)
  },
  60_000,
)

test.skipIf(missing.length > 0)(
  'it comes back with the server',
  async () => {
    expect(await inside('systemctl --no-block reboot')).toBe('')
    await answersWithin(60_000, async () => server.boots() === 2).catch(async error => {
      throw new Error(`${error}\n${await inside('systemctl list-jobs; systemctl status --no-pager').catch(String)}`)
    })
    await answersWithin(60_000, async () => (await spoq('status')).endsWith('status 0'))
    await answersWithin(60_000, async () => (await inside('systemctl is-active spoq-conductor')) === 'active\n')
    expect(await inside('nft list tables')).toBe('table inet spoq_metadata\ntable inet spoq_firewall\n')
  },
  150_000,
)

test.skipIf(missing.length > 0)(
  'set up once more, nothing changes',
  async () => {
    const { status, lines } = await runScript(script)
    expect(lines).toContain('changed: nothing')
    expect(lines.at(-1)).toBe('done')
    expect(status).toBe(0)
    const token = /^SPOQ_SETUP_TOKEN='(.+)'$/m.exec(script)?.[1] ?? ''
    expect(token.length).toBeGreaterThan(40)
    expect(await inside('cat /var/log/spoq-set-up.log /var/lib/spoq-jobs/*/log; journalctl --no-pager')).not.toContain(
      token,
    )
    expect(backend.said()).not.toContain(token)
  },
  60_000,
)

function has(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
