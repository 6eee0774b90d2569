import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Agent, type Dispatcher, request } from 'undici'
import { type Figure, median } from '../figure.ts'

/** Both ways lead to one handler in a process of its own: straight by TLS, and by a gateway through a tunnel that is TLS. */
const figure = (id: string, about: string, rounds: number, measured: (way: Way) => Promise<number>): Figure => ({
  id,
  goal: { least: 0.9 },
  about,
  measure: async () => {
    const stage = await startStage()
    try {
      const ratios: number[] = []
      for (let round = 0; round < rounds + 2; round++) {
        const [direct, tunnel] = [await measured(stage.direct), await measured(stage.tunnel)]
        if (round >= 2) ratios.push(direct / tunnel)
      }
      return median(ratios)
    } finally {
      await stage.stop()
    }
  },
})

export const tunnel: Figure[] = [
  figure('tunnel-http', 'bytes a second, 4 answers of 64 MiB at a time: gateway and tunnel / direct TLS', 11, way =>
    seconds(() => Promise.all(Array.from({ length: 4 }, () => fetchAll(way, '/bytes/67108864')))),
  ),
  figure('tunnel-requests', 'GET /api/status a second, 32 at a time: gateway and tunnel / direct TLS', 7, way =>
    seconds(() => Promise.all(Array.from({ length: 32 }, () => inTurn(40, () => fetchAll(way, '/api/status'))))),
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

async function startStage(): Promise<{ direct: Way; tunnel: Way; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-bench-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', [...made, ...named, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const children: ChildProcess[] = []
  const start = async (script: string, ...args: string[]): Promise<string[]> => {
    const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    return line.split(' ')
  }
  const [tunnels, gateway] = await start('tunnel-gateway.ts', key, cert)
  const [machine, token = ''] = await start('tunnel-machine.ts', `https://127.0.0.1:${tunnels}/tunnel`, key, cert)
  const ca = readFileSync(cert, 'utf8')
  const [direct, through] = [new Agent({ connect: { ca } }), new Agent()]
  return {
    direct: { origin: `https://127.0.0.1:${machine}`, dispatcher: direct, token },
    tunnel: { origin: `http://127.0.0.1:${gateway}`, dispatcher: through, token },
    stop: async () => {
      await Promise.all([direct.destroy(), through.destroy()])
      for (const child of children) child.kill('SIGTERM')
      rmSync(folder, { recursive: true })
    },
  }
}
