// A real Caddy with a site of its operator's, on free ports of this computer alone.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../free-ports.ts'

export interface Caddy {
  /** Of its admin API. */
  admin: string
  port: number
  listen: string
  /** The certificate of its own authority, once it has one. */
  authority(): string
  /** All that it goes by just now. */
  config(): Promise<unknown>
  /** Ends it, and starts it anew with the operator's configuration alone. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Null when there is one here; throws where CI=true. */
export function whyNoCaddy(): string | null {
  const isThere = String(process.env.PATH)
    .split(':')
    .some(path => existsSync(join(path, 'caddy')))
  if (isThere) return null
  if (process.env.CI === 'true') throw new Error('Caddy cannot be tested: it is not installed')
  console.log('skipped: there is no caddy')
  return 'there is no caddy'
}

/** The name that the operator's own site answers, and what. */
export const operators = { host: 'blog.localhost', says: 'the blog' }

export async function startCaddy(): Promise<Caddy> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-caddy-'))
  const [adminPort = 0, port = 0, plain = 0] = await freePorts(3)
  const admin = `http://127.0.0.1:${adminPort}`
  const listen = `127.0.0.1:${port}`
  const file = join(folder, 'caddy.json')
  const blog = {
    match: [{ host: [operators.host] }],
    handle: [{ handler: 'static_response', body: operators.says }],
    terminal: true,
  }
  const base = {
    admin: { listen: `127.0.0.1:${adminPort}` },
    apps: {
      http: {
        http_port: plain,
        https_port: port,
        servers: { srv0: { listen: [listen], routes: [blog], automatic_https: { disable_redirects: true } } },
      },
      pki: { certificate_authorities: { local: { install_trust: false } } },
    },
  }
  writeFileSync(file, JSON.stringify(base))
  const environment = { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }

  async function start(): Promise<ChildProcess> {
    const child = spawn('caddy', ['run', '--config', file], { env: environment, stdio: 'ignore' })
    for (let tries = 0; !(await answers(`${admin}/config/`)); tries++) {
      if (tries > 200 || child.exitCode !== null) throw new Error('Caddy does not start')
      await new Promise(done => setTimeout(done, 50))
    }
    return child
  }
  let child = await start()
  const end = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  return {
    admin,
    port,
    listen,
    authority: () => readFileSync(join(folder, 'caddy/pki/authorities/local/root.crt'), 'utf8'),
    config: async () => (await fetch(`${admin}/config/`)).json(),
    async restart() {
      await end()
      child = await start()
    },
    async stop() {
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const answers = (url: string) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
