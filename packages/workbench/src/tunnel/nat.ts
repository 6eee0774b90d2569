// A whole Spoq whose machines nobody can call: backend, a gateway as a process of its own, and Conductors that listen on
// nothing but their local socket.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type Conductor, type ConductorOptions, startConductor } from '@spoq/conductor/conductor'
import { oauth } from '@spoq/contracts/login'
import type { Machine, ProviderName } from '@spoq/contracts/machine'
import { type TokenScope, tokenScopes } from '@spoq/contracts/token'
import { withoutIsolation } from '@spoq/kit/sandbox'
import type { MachineSpec, ProvisioningProvider, Resource } from '@spoq/providers'
import { type Backend, startBackend } from '@spoq/server/backend'
import { type Config, readConfig } from '@spoq/server/config'
import { gatewaySocket } from '@spoq/server/gateway/config'
import type { Ports } from '@spoq/server/ports'

const preload = join(import.meta.dirname, 'localhost.cjs')
createRequire(import.meta.url)(preload)

const root = resolve(import.meta.dirname, '../../../..')

export interface Owner {
  account: string
  cookie: string
  /** A personal access token. */
  token: string
}

export interface Nat extends AsyncDisposable {
  backend(): Backend
  dataDir: string
  /** The gateway's own address. */
  gateway: string
  /** Where it takes SSH, and by which key; null: it does not. */
  ssh(): GatewaySsh | null
  register(name: string): Promise<Owner>
  /** Makes a machine and waits until it runs. */
  make(owner: Owner): Promise<Machine & { endpoint: string }>
  show(owner: Owner, machine: string): Promise<Machine>
  terminate(owner: Owner, machine: string): Promise<void>
  /** Asks the backend for anything else, as an owner. */
  ask<T>(owner: Owner, method: string, path: string, body?: object): Promise<T>
  /** A token for a machine. */
  tokenFor(owner: Owner, machine: string): Promise<string>
  /** What its provider was told, the tunnel's secret included. */
  spec(machine: string): MachineSpec
  conductor(machine: string): Conductor
  killGateway(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  startGateway(): Promise<void>
  /** Ends the backend; `startBackend` starts it again at the same address. */
  stopBackend(): Promise<void>
  startBackend(): Promise<void>
  /** What a command line needs to find all this. */
  environment(owner: Owner): Record<string, string>
}

export interface GatewaySsh {
  port: number
  /** `type base64` */
  hostKey: string
}

export interface NatOptions {
  /** What the backend's environment says besides. */
  environment?: Record<string, string>
  /** What makes its machines instead of this process. */
  openProviders?: (config: Config, installation: string) => ReadonlyMap<ProviderName, ProvisioningProvider>
  /** What the gateway's says. */
  gateway?: Record<string, string>
  /** What else of its machines is another. */
  conductor?: Partial<ConductorOptions>
  /** What else of the backend's outside is another. */
  ports?: Partial<Ports>
}

/** Starts it, without a machine. */
export async function startNat({
  environment: besides = {},
  gateway: ofGateway = {},
  openProviders,
  conductor = {},
  ports,
}: NatOptions = {}): Promise<Nat> {
  const dataDir = mkdtempSync(join(tmpdir(), 'spoq-nat-'))
  const provider = natProvider(join(dataDir, 'machines'), conductor)
  let port = 0
  let gateway: ChildProcess
  let ssh: GatewaySsh | null = null

  async function startGateway(): Promise<void> {
    gateway = spawn(process.execPath, [join(root, 'server/src/gateway/main.ts'), '--json'], {
      env: {
        PATH: process.env.PATH,
        GATEWAY_PORT: String(port),
        MACHINE_DOMAIN: 'localhost',
        GATEWAY_SOCKET: gatewaySocket(dataDir),
        LOG_LEVEL: 'error',
        ...ofGateway,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface({ input: gateway.stdout as NodeJS.ReadableStream }), 'line')
    const said = JSON.parse(line)
    port = Number(new URL(said.gateway).port)
    ssh = said.ssh ?? null
  }

  let backend: Backend
  let backendPort = 0
  async function start(): Promise<void> {
    const environment = {
      SPOQ_DATA_DIR: dataDir,
      SERVER_PORT: String(backendPort),
      LOG_LEVEL: 'error',
      MACHINE_DOMAIN: `localhost:${port}`,
      GATEWAY_URL: `http://127.0.0.1:${port}/tunnel`,
      ...besides,
    }
    const config = readConfig(environment)
    backend = await startBackend(config, {
      ...ports,
      openProviders: installation => openProviders?.(config, installation) ?? new Map([['docker', provider]]),
    })
    backendPort = backend.port
  }
  // Its own address may be one that only machines reach it by.
  const server = () => `http://127.0.0.1:${backendPort}`
  await startGateway()
  await start()

  const ask = async (owner: Owner | null, method: string, path: string, body?: object) => {
    const response = await fetch(`${server()}${path}`, {
      method,
      headers: { 'content-type': 'application/json', origin: backend.url, ...(owner ? { cookie: owner.cookie } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
    const said = await response.text()
    return { answer: (said === '' ? undefined : JSON.parse(said)) as never, response }
  }
  const show = async (owner: Owner, machine: string) => (await ask(owner, 'GET', `/api/machines/${machine}`)).answer

  return {
    backend: () => backend,
    dataDir,
    gateway: `http://127.0.0.1:${port}`,
    ssh: () => ssh,
    show,
    async register(name) {
      const person = { email: `${name}@example.com`, name, password: 'correct horse' }
      const { answer, response } = await ask(null, 'POST', '/api/auth/register', person)
      const cookie = response.headers
        .getSetCookie()
        .map(line => line.split(';', 1)[0])
        .join('; ')
      const owner = { account: (answer as { user: { id: string } }).user.id, cookie, token: '' }
      const scopes: readonly TokenScope[] = tokenScopes
      const made = (await ask(owner, 'POST', '/api/tokens', { name: 'test', scopes })).answer as { secret: string }
      return { ...owner, token: made.secret }
    },
    async make(owner) {
      const { id } = (await ask(owner, 'POST', '/api/machines', {})).answer as Machine
      for (let tries = 0; tries < 600; tries++) {
        const machine = (await show(owner, id)) as Machine
        if (machine.state === 'running' && machine.endpoint) return { ...machine, endpoint: machine.endpoint }
        await new Promise(done => setTimeout(done, 50))
      }
      throw new Error(`it never ran: ${JSON.stringify(await show(owner, id))}`)
    },
    ask: async (owner, method, path, body) => (await ask(owner, method, path, body)).answer,
    terminate: async (owner, machine) => void (await ask(owner, 'POST', `/api/machines/${machine}/terminate`)),
    async tokenFor(owner, machine) {
      const response = await fetch(`${server()}/identity/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: oauth.exchangeGrant,
          client_id: oauth.stockClient,
          subject_token: owner.token,
          subject_token_type: oauth.accessTokenType,
          audience: machine,
        }),
      })
      return ((await response.json()) as { access_token: string }).access_token
    },
    spec: machine => provider.specs.get(machine) as MachineSpec,
    conductor: machine => provider.running.get(machine) as Conductor,
    async killGateway(signal = 'SIGKILL') {
      const ended = once(gateway, 'exit')
      gateway.kill(signal)
      await ended
    },
    startGateway,
    stopBackend: () => backend.stop(),
    startBackend: start,
    environment: owner => ({
      SPOQ_DATA_DIR: join(dataDir, 'cli'),
      SPOQ_SERVER: backend.url,
      SPOQ_TOKEN: owner.token,
      NODE_OPTIONS: `--require ${preload}`,
    }),
    [Symbol.asyncDispose]: async () => {
      await backend.stop()
      for (const conductor of provider.running.values()) await conductor.stop()
      gateway.kill('SIGKILL')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

interface NatProvider extends ProvisioningProvider {
  specs: Map<string, MachineSpec>
  running: Map<string, Conductor>
}

/** Its machines are Conductors of this process that listen on no address. */
function natProvider(folder: string, options: Partial<ConductorOptions>): NatProvider {
  const specs = new Map<string, MachineSpec>()
  const running = new Map<string, Conductor>()
  const seen = (machine: string): Resource | null =>
    specs.has(machine)
      ? { ref: machine, machine, state: running.has(machine) ? 'running' : 'stopped', endpoint: null }
      : null
  const start = async (machine: string) => {
    const at = join(folder, machine)
    const sandbox = withoutIsolation('a test')
    const usual = { sandbox, logger: () => {}, endpoints: [], demoPaceMs: 0 }
    running.set(machine, await startConductor({ ...usual, ...options, folder: at }))
  }
  const suspend = async (ref: string) => {
    await running.get(ref)?.stop()
    running.delete(ref)
  }
  const list = async () => [...specs.keys()].map(seen).filter(resource => resource !== null)
  return {
    specs,
    running,
    name: 'docker',
    capabilities: { listLagMs: 0, deletes: 'now', billsWhileOff: false, hardware: 'own', workloads: ['general'] },
    async create(spec) {
      const { machine, owner, issuer, jwksUrl, tunnel } = spec
      mkdirSync(join(folder, machine, 'workspace'), { recursive: true })
      const config = { machine, members: [owner], issuer, jwksUrl, tunnel, edge: null }
      writeFileSync(join(folder, machine, 'conductor.json'), JSON.stringify(config), { mode: 0o600 })
      specs.set(machine, spec)
      if (!running.has(machine)) await start(machine)
      return seen(machine) as Resource
    },
    status: async ref => seen(ref),
    suspend,
    resume: start,
    async terminate(ref) {
      await suspend(ref)
      specs.delete(ref)
    },
    find: async machine => [seen(machine)].filter(resource => resource !== null),
    list,
  }
}
