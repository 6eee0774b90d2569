// Two owners with a computer and a machine each, and a cloud with one backend on PostgreSQL and two gateways: every one of the
// computers in a network of its own, all of it real processes.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { keyPairOf, type SshKey } from '@spoq/kit/ssh-key'
import { gatewaySocket } from '@spoq/server/gateway/config'
import { type Started, start, until } from '../../docker/engine.ts'
import { type Relay, startRelay } from '../../docker/relay.ts'
import { hasProgram } from '../../has-program.ts'
import { bin, cleanEnvironment } from '../../journey/home.ts'
import { type PostgresServer, startPostgres } from '../../postgres/server.ts'
import { sshdProgram } from '../sshd.ts'
import { authorityOf, startFront } from './caddies.ts'
import { type Apart, makeApart, type Place } from './net.ts'

const root = resolve(import.meta.dirname, '../../../../..')
const domain = 'spoq.test'
const app = `app.${domain}`

/** Of the two gateways. */
export const gateways = ['10.97.0.1', '10.97.0.2'] as const

export interface Ran {
  status: number | null
  out: string
  err: string
}

export interface Owner {
  name: 'ann' | 'ben'
  machine: 'anna' | 'bert'
  key: SshKey
  /** Its home folder, which is /root on its computer. */
  home: string
  /** That of its machine. */
  there: string
  /** Runs any program on its computer. */
  run: (program: string, ...args: string[]) => Promise<Ran>
  spoq: (...args: string[]) => Promise<Ran>
  /** Starts the command line there and gives the process. */
  startSpoq: (...args: string[]) => ReturnType<typeof spawn>
}

export interface World extends AsyncDisposable {
  folder: string
  net: Apart<'ann' | 'ben' | 'anna' | 'bert'>
  ann: Owner
  ben: Owner
  backend: Started
  /** Kills a gateway, as a crash does. */
  kill: (gateway: 0 | 1) => Promise<void>
  startGateway: (gateway: 0 | 1) => Promise<void>
  /** Runs a program in any of the networks. */
  within: (place: Place, program: string, ...args: string[]) => Promise<Ran>
}

export async function startWorld(): Promise<World> {
  await using undo = new AsyncDisposableStack()
  const folder = mkdtempSync('/var/lib/spoq-apart-')
  undo.defer(() => rmSync(folder, { recursive: true, force: true }))
  const net = makeApart(['ann', 'ben', 'anna', 'bert'], gateways)
  undo.defer(net.remove)
  const hosts = writeHosts(folder)

  /** Before a command, to run it on a computer with a home of its own. */
  const on = (place: Place, home: string): string[] => {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    const binds = 'mount --bind "$1" /etc/hosts && mount --bind "$2" /root && shift 2 && cd /root && exec "$@"'
    return [...place.enter, 'unshare', '--mount', 'sh', '-c', binds, 'sh', hosts, home]
  }

  const fronts = { cloud: net.cloud, folder: join(folder, 'caddy'), backend: { host: app, port: 4_100 } }
  const authority = authorityOf(fronts.folder)
  for (const [at, address] of gateways.entries()) {
    const front = await startFront({ ...fronts, address, adminPort: 2_019 + at })
    undo.defer(() => front.end('SIGKILL'))
  }
  const environment = { ...cleanEnvironment(), HOME: '/root', NODE_EXTRA_CA_CERTS: authority, LANG: 'C.UTF-8' }

  const running: (Started | undefined)[] = []
  async function startGateway(at: 0 | 1): Promise<void> {
    const own = 4_181 + at
    const env = {
      ...environment,
      ...{ GATEWAY_PORT: String(own), GATEWAY_OTHERS: `127.0.0.1:${4_182 - at}`, MACHINE_DOMAIN: domain },
      ...{ GATEWAY_SOCKET: gatewaySocket(join(folder, 'backend')), GATEWAY_SSH_LISTEN: `${gateways[at]}:22` },
      ...{ GATEWAY_SSH_KEYS: join(folder, `keys-${at}`), CADDY_ADMIN_URL: `http://127.0.0.1:${2_019 + at}` },
      ...{ CADDY_LISTEN: `${gateways[at]}:443`, MACHINE_TLS: 'internal' },
    }
    const words = [...on(net.cloud, join(folder, 'cloud')), process.execPath]
    const program = join(root, 'server/dist/gateway/main.js')
    const started = start([...words, program, '--json'], join(folder, `gateway-${at}-${Date.now()}.log`), env)
    running[at] = started
    await until(() => started.said().includes('"gateway":'), started, 'gateway')
  }
  const kill = async (at: 0 | 1) => {
    await running[at]?.end('SIGKILL')
    running[at] = undefined
  }
  undo.defer(async () => void (await Promise.all([kill(0), kill(1)])))
  await startGateway(0)
  await startGateway(1)

  const machines = { anna: join(folder, 'anna'), bert: join(folder, 'bert') }
  sshdProgram(folder)
  const places = Object.fromEntries(
    (['anna', 'bert'] as const).map(name => [
      name,
      { enter: on(net.places[name], join(machines[name], 'home')), folder: join(machines[name], 'machine') },
    ]),
  )
  const backend = await startBackend({
    folder,
    words: on(net.cloud, join(folder, 'cloud')),
    places,
    environment,
    undo,
    net,
  })

  const owner = async (name: Owner['name'], machine: Owner['machine']): Promise<Owner> => {
    const home = join(folder, name)
    const words = on(net.places[name], home)
    const key = keyPairOf(randomBytes(32), name)
    mkdirSync(join(home, '.ssh'), { mode: 0o700 })
    writeFileSync(join(home, '.ssh/id_ed25519'), key.private, { mode: 0o600 })
    writeFileSync(join(home, '.ssh/id_ed25519.pub'), `${key.public}\n`)
    const env: Record<string, string> = { ...environment, TMPDIR: '/tmp' }
    const begin = (program: string, args: readonly string[]) => {
      const [first = '', ...rest] = [...words, program, ...args]
      return spawn(first, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    }
    const run = async (program: string, ...args: string[]) => ended(begin(program, args))
    const person = join(root, 'packages/workbench/src/vps/person.ts')
    const signedUp = await run(process.execPath, person, `https://${app}`, name)
    if (signedUp.status !== 0) throw new Error(`${signedUp.err}\n${backend.said()}`)
    Object.assign(env, JSON.parse(signedUp.out.trim().split('\n').at(-1) ?? ''))
    undo.defer(() => rmSync(String(env.SPOQ_DATA_DIR), { recursive: true, force: true }))
    return {
      ...{ name, machine, key, home, there: join(machines[machine], 'home'), run },
      spoq: (...args) => run(process.execPath, bin, ...args),
      startSpoq: (...args) => begin(process.execPath, [bin, ...args]),
    }
  }
  const [ann, ben] = await Promise.all([owner('ann', 'anna'), owner('ben', 'bert')])
  const within: World['within'] = (place, program, ...args) => {
    const [first = '', ...rest] = [...on(place, join(folder, 'nobody')), program, ...args]
    return ended(spawn(first, rest, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }))
  }
  const all = undo.move()
  return { folder, net, ann, ben, backend, kill, startGateway, within, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

interface BackendOptions {
  folder: string
  words: readonly string[]
  places: object
  environment: Record<string, string>
  undo: AsyncDisposableStack
  net: Apart<string>
}

async function startBackend({ folder, words, places, environment, undo, net }: BackendOptions): Promise<Started> {
  const postgres: PostgresServer = undo.adopt(await startPostgres(), each => each.remove())
  const url = new URL(postgres.url)
  const way: Relay = await startRelay(net.cloud.enter, '127.0.0.1:5432', Number(url.port), join(folder, 'pg.sock'))
  undo.defer(way.stop)
  url.port = '5432'
  writeFileSync(join(folder, 'places.json'), JSON.stringify(places))
  const env = {
    ...environment,
    // Machines find its sshd there.
    PATH: `${folder}:${environment.PATH}`,
    ...{
      SPOQ_DATA_DIR: join(folder, 'backend'),
      SERVER_PORT: '4100',
      DATABASE_URL: url.href,
      BASE_URL: `https://${app}`,
    },
    ...{ MACHINE_DOMAIN: domain, GATEWAY_URL: [1, 2].map(at => `https://gateway-${at}.${domain}/tunnel`).join() },
    ...{ GATEWAY_SSH_ADDRESS: gateways.join(), TRUSTED_PROXY: '127.0.0.1', DEFAULT_PLAN: 'enterprise' },
  }
  const program = join(import.meta.dirname, 'backend.ts')
  const args = [process.execPath, program, join(folder, 'places.json')]
  const started = start([...words, ...args], join(folder, 'backend.log'), env)
  undo.defer(() => started.end())
  await until(() => /^ready$/m.test(started.said()), started, 'backend')
  return started
}

/** What the DNS would say: each gateway's own name leads to it, all others to both. */
function writeHosts(folder: string): string {
  const shared = [app, 'anna', 'bert', 'nobody'].map(name => (name === app ? app : `${name}.${domain}`)).join(' ')
  const lines = gateways.map((address, at) => `${address} gateway-${at + 1}.${domain} ${shared}`)
  const path = join(folder, 'hosts')
  writeFileSync(path, `127.0.0.1 localhost\n${lines.join('\n')}\n`)
  return path
}

async function ended(child: ReturnType<typeof spawn>): Promise<Ran> {
  const read = (stream: NodeJS.ReadableStream | null) => (stream ? text(stream) : '')
  const [out, err, [status]] = await Promise.all([read(child.stdout), read(child.stderr), once(child, 'exit')])
  return { status, out, err }
}

/** What it needs that this computer has not; null: nothing. */
export function whatIsMissing(): string | null {
  const missing = ['ip', 'nsenter', 'unshare', 'caddy', 'sysctl'].filter(name => !hasProgram(name))
  return missing.length > 0 ? missing.join(', ') : null
}
