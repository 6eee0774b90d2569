// What tests of real servers share: whether this computer can carry one, and a world around it with a backend and a person.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type SshTarget } from '@spoq/kit/ssh-job'
import { gatewaySocket } from '@spoq/server/gateway/config'
import { sshKeyOf } from '@spoq/server/setup/ssh-key'
import { type Started, start, until } from '../docker/engine.ts'
import { hasProgram } from '../has-program.ts'
import { bin, cleanEnvironment } from '../journey/home.ts'
import { makeNet, type Net } from './net.ts'
import { fetchPackages } from './packages.ts'
import { type BareServer, startServer } from './server.ts'

const needed = ['systemd-nspawn', 'nft', 'ip', 'nsenter', 'unshare', 'apt-get', 'chroot']

/** Why no server can be started here; null when one can. Where the tests have to run it throws that. */
export function whyNoServer(): string | null {
  const missing = needed.filter(name => !hasProgram(name))
  if (process.getuid?.() !== 0) missing.push('root')
  const why = missing.length > 0 ? `there is no ${missing.join(', ')}` : null
  if (why && process.env.CI === 'true') throw new Error(`servers cannot be tested: ${why}`)
  if (why) console.log(`skipped: ${why}`)
  return why
}

/** Of the backend: the command line takes http on a computer's own address only, so it leads there from both. */
export const address = 'http://127.0.0.1:4100'

export interface Ran {
  status: number
  text: string
  /** What `--json` said. */
  json: <T = unknown>() => T
}

export interface Bed extends AsyncDisposable {
  /** For what the test keeps. */
  folder: string
  net: Net
  server: BareServer
  backend: Started
  /** Kills it, and starts it again on the same data. */
  killBackend: () => Promise<void>
  /** Runs the command line as the person. */
  spoq: (...args: string[]) => Promise<Ran>
  /** Before a command, to run it where the person is. */
  world: string[]
  /** What the command line is told. */
  environment: Record<string, string>
  /** Runs another program of this folder as the person, in the same place. */
  program: (name: string, ...args: string[]) => Promise<Ran>
  /** How its owner, or its provider, comes in. */
  target: (user?: string) => SshTarget
  /** Runs a command on the server over SSH, as root or another: its output, errors included. */
  inside: (command: string, user?: string) => Promise<string>
}

/** Of the gateway, where there is one: it takes SSH at 127.0.0.1. */
export const gatewaySshPort = 2_222

/**
 * `orders`: its backend orders servers, and keeps the script of an order in the file `user-data` of the folder. `gateway`: machines
 * keep a tunnel to one beside the backend.
 */
export async function startBed({ orders = false, gateway = false } = {}): Promise<Bed> {
  execFileSync(process.execPath, [join(import.meta.dirname, '../build/main.ts')], { stdio: 'inherit' })
  const folder = mkdtempSync('/var/lib/spoq-vps-')
  const net = makeNet()
  net.relay(4100)
  if (gateway) net.relay(4180)
  writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost\n10.98.0.1 ada.spoq.test\n')
  const key = sshKeyOf('the key of its owner', 'mach_x')
  // A server has sshd; the rest is for the set-up to install.
  const debs = {
    installed: fetchPackages(['openssh-server']),
    cached: fetchPackages(['caddy', 'unattended-upgrades', 'rsync']),
  }
  const server = await startServer(join(folder, 'server'), net, debs, key.public.replace('spoq-set-up', 'owner'))
  const certificate = join(server.root, 'var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt')

  /** Before a command, to run it in the world outside of the server. */
  const world = [
    ...[...net.cloud.enter, 'unshare', '--mount', 'sh', '-c'],
    ...['mount --bind "$1" /etc/hosts && shift && exec "$@"', 'sh', join(folder, 'hosts')],
  ]
  const startBackend = async () => {
    const env = {
      ...cleanEnvironment(),
      ...{ SPOQ_DATA_DIR: join(folder, 'backend'), SERVER_HOST: '0.0.0.0', SERVER_PORT: '4100', BASE_URL: address },
      ...{ MACHINE_DOMAIN: 'spoq.test', MACHINE_TLS: 'internal' },
      ...(gateway ? { GATEWAY_URL: 'http://127.0.0.1:4180/tunnel' } : {}),
    }
    const args = [certificate, ...(orders ? [join(folder, 'user-data')] : [])]
    const words = [...world, process.execPath, join(import.meta.dirname, 'backend.ts'), ...args]
    const started = start(words, join(folder, `backend-${Date.now()}.log`), env)
    await until(() => /^ready$/m.test(started.said()), started, 'backend')
    return started
  }
  const startGateway = async () => {
    const env = {
      ...{ ...cleanEnvironment(), MACHINE_DOMAIN: 'spoq.test', GATEWAY_HOST: '0.0.0.0' },
      ...{ GATEWAY_SOCKET: gatewaySocket(join(folder, 'backend')), GATEWAY_SSH_KEYS: join(folder, 'gateway') },
      GATEWAY_SSH_LISTEN: `127.0.0.1:${gatewaySshPort}`,
    }
    const program = join(import.meta.dirname, '../../../../server/dist/gateway/main.js')
    const started = start([...world, process.execPath, program, '--json'], join(folder, 'gateway.log'), env)
    await until(() => started.said().includes('"gateway":'), started, 'gateway')
    return started
  }
  async function outside(words: string[], env: Record<string, string>): Promise<Ran> {
    const [first = '', ...rest] = [...world, process.execPath, ...words]
    const child = spawn(first, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [text, errors] = ['', '']
    child.stdout.on('data', chunk => (text += chunk))
    child.stderr.on('data', chunk => (errors += chunk))
    const [status] = await once(child, 'close')
    return { status, text: text + errors, json: <T>() => JSON.parse(text.trim().split('\n').at(-1) ?? '') as T }
  }
  let backend = await startBackend()
  const beside = gateway ? await startGateway() : undefined
  const person = await outside([join(import.meta.dirname, 'person.ts'), address], cleanEnvironment())
  const environment: Record<string, string> = {
    ...cleanEnvironment(),
    ...person.json<Record<string, string>>(),
    NODE_EXTRA_CA_CERTS: certificate,
  }
  const target = (user = 'root') => ({
    ...{ host: net.server.address, user, privateKey: key.private, hostKey: null },
    dial: () => server.dial(22),
  })
  return {
    folder,
    net,
    server,
    ...{ target, world, environment },
    get backend() {
      return backend
    },
    async killBackend() {
      await backend.end('SIGKILL')
      backend = await startBackend()
    },
    spoq: (...args) => outside([bin, ...args], environment),
    program: (name, ...args) => outside([join(import.meta.dirname, name), ...args], environment),
    async inside(command, user) {
      using connection = await connect(target(user))
      const { channel, ended } = await connection.exec(`{ ${command}\n} 2>&1`)
      let text = ''
      channel.on('data', (chunk: Buffer) => (text += chunk))
      await ended
      return text
    },
    async [Symbol.asyncDispose]() {
      await beside?.end('SIGKILL')
      await backend.end()
      await server.stop()
      net.remove()
      rmSync(folder, { recursive: true, force: true })
      if (environment.SPOQ_DATA_DIR) rmSync(environment.SPOQ_DATA_DIR, { recursive: true, force: true })
    },
  }
}
