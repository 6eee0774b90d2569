import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, type Dispatcher, request } from 'undici'
import { freePorts } from '../../free-ports.ts'
import { type Figure, median } from '../figure.ts'

const ways = ['direct', 'tunnel', 'plain', 'sealed'] as const
type WayName = (typeof ways)[number]

/**
 * The ways as they are for an owner, TLS by Caddy before them: to a server's own Caddy and the socket behind it, or to the
 * one before the gateway and on through a tunnel that is TLS. `plain` and `sealed` have in the gateway's place what only moves
 * bytes, without TLS behind it and with. One process answers all; `floor` is what the tunnel is held against.
 */
const figure = (
  id: string,
  least: number,
  about: string,
  floor: WayName,
  measured: (way: Way) => Promise<number>,
): Figure => ({
  id,
  goal: { least },
  about,
  skipped: () => (spawnSync('caddy', ['version']).status === 0 ? null : 'there is no caddy'),
  measure: async () => {
    const stage = await startStage()
    try {
      const took: Record<WayName, number>[] = []
      for (let round = 0; round < rounds + 2; round++) {
        const [direct, tunnel] = [await measured(stage.direct), await measured(stage.tunnel)]
        const [plain, sealed] = [await measured(stage.plain), await measured(stage.sealed)]
        if (round >= 2) took.push({ direct, tunnel, plain, sealed })
      }
      const share = (way: WayName, of: WayName) => median(took.map(one => one[of] / one[way]))
      const [through, plain, sealed] = [share('tunnel', 'direct'), share('plain', 'direct'), share('sealed', 'direct')]
      console.error(
        `${id}: of what goes directly ${shown(through)} through the tunnel, ${shown(plain)} through a bare relay, ` +
          `${shown(sealed)} through one with TLS; 0.9 is ${sealed < 0.9 ? 'not reachable' : 'below the floor'} here`,
      )
      return share('tunnel', floor)
    } finally {
      await stage.stop()
    }
  },
})

const rounds = 11
const shown = (ratio: number) => ratio.toFixed(2)

export const tunnel: Figure[] = [
  figure(
    'tunnel-http',
    0.8,
    'bytes a second, 4 answers of 64 MiB at a time: through gateway and tunnel / a bare relay of bytes with TLS behind it',
    'sealed',
    way => seconds(() => Promise.all(Array.from({ length: 4 }, () => fetchAll(way, '/bytes/67108864')))),
  ),
  // A process more takes part in each, and all share the two processors of one computer.
  figure(
    'tunnel-requests',
    0.65,
    'GET /api/status a second, 32 at a time: through gateway and tunnel / direct',
    'direct',
    way => seconds(() => Promise.all(Array.from({ length: 32 }, () => inTurn(40, () => fetchAll(way, '/api/status'))))),
  ),
]

interface Way {
  origin: string
  dispatcher: Dispatcher
  token: string
}

async function fetchAll({ origin, dispatcher, token }: Way, path: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  const { statusCode, body } = await request(`${origin}${path}`, { dispatcher, headers })
  let read = 0
  for await (const chunk of body) read += (chunk as Buffer).length
  if (statusCode !== 200 || read < 100) throw new Error(`${path}: ${statusCode} and ${read} bytes`)
}

async function inTurn(times: number, act: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < times; time++) await act()
}

async function seconds(act: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await act()
  return (performance.now() - begin) / 1_000
}

async function startStage(): Promise<Record<WayName, Way> & { stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-bench-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', [...made, ...named, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const children: ChildProcess[] = []
  const start = async (program: string, ...args: string[]): Promise<string[]> => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    return line.split(' ')
  }
  const socket = join(folder, 'edge.sock')
  const [tunnels, gateway] = await start(process.execPath, script('tunnel-gateway.ts'), key, cert)
  const machine = [script('tunnel-machine.ts'), tunnelAt(tunnels), cert, key, socket]
  const [port = '', token = ''] = await start(process.execPath, ...machine)
  const [plain] = await start(process.execPath, script('tunnel-relay.ts'), socket)
  const [sealed] = await start(process.execPath, script('tunnel-relay.ts'), port, cert)
  const behind = [`unix/${socket}`, ...[gateway, plain, sealed].map(one => `127.0.0.1:${one}`)]
  const ports = await freePorts(ways.length)
  const caddyfile = join(folder, 'Caddyfile')
  const site = (port: number | undefined, to: string) =>
    `https://127.0.0.1:${port} {\n\ttls ${cert} ${key}\n\treverse_proxy ${to} {\n\t\tflush_interval -1\n\t}\n}\n`
  writeFileSync(
    caddyfile,
    `{\n\tadmin off\n\tauto_https off\n}\n${behind.map((to, at) => site(ports[at], to)).join('')}`,
  )
  children.push(
    spawn('caddy', ['run', '--config', caddyfile, '--adapter', 'caddyfile'], {
      stdio: 'ignore',
      env: { ...process.env, HOME: folder },
    }),
  )
  const dispatcher = new Agent({ connect: { ca: readFileSync(cert, 'utf8') } })
  const wayAt = (at: number): Way => ({ origin: `https://127.0.0.1:${ports[at]}`, dispatcher, token })
  const open = Object.fromEntries(ways.map((name, at) => [name, wayAt(at)])) as Record<WayName, Way>
  for (const way of Object.values(open)) await untilUp(way)
  return {
    ...open,
    stop: async () => {
      await dispatcher.destroy()
      for (const child of children) child.kill('SIGTERM')
      rmSync(folder, { recursive: true })
    },
  }
}

const script = (name: string) => join(import.meta.dirname, name)
const tunnelAt = (port: string | undefined) => `https://127.0.0.1:${port}/tunnel`

async function untilUp(way: Way): Promise<void> {
  for (let tries = 0; ; tries++)
    try {
      return await fetchAll(way, '/api/status')
    } catch (error) {
      if (tries === 100) throw error
      await sleep(100)
    }
}
