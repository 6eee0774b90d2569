// A Caddy before each gateway, in the cloud, each at an address of its own. They have one authority in common.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Started, start, until } from '../../docker/engine.ts'
import type { Place } from './net.ts'

export interface FrontOptions {
  cloud: Place
  folder: string
  /** Where it listens, at port 443. */
  address: string
  adminPort: number
  /** The backend's own name, and its port behind it. */
  backend: { host: string; port: number }
}

/** The certificate of their authority, in the folder. */
export const authorityOf = (folder: string): string => join(folder, 'caddy/pki/authorities/local/root.crt')

/** Starts one with the operator's own site alone: the backend's. */
export async function startFront({ cloud, folder, address, adminPort, backend }: FrontOptions): Promise<Started> {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${address}.json`)
  const upstreams = [{ dial: `127.0.0.1:${backend.port}` }]
  const site = {
    match: [{ host: [backend.host] }],
    handle: [{ handler: 'reverse_proxy', flush_interval: -1, upstreams }],
    terminal: true,
  }
  const config = {
    admin: { listen: `127.0.0.1:${adminPort}` },
    apps: {
      http: {
        servers: { own: { listen: [`${address}:443`], routes: [site], automatic_https: { disable_redirects: true } } },
      },
      tls: { automation: { policies: [{ subjects: [backend.host], issuers: [{ module: 'internal' }] }] } },
      pki: { certificate_authorities: { local: { install_trust: false } } },
    },
  }
  writeFileSync(file, JSON.stringify(config))
  const env = { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const started = start([...cloud.enter, 'caddy', 'run', '--config', file], join(folder, `${address}.log`), env)
  await until(() => started.said().includes('serving initial configuration'), started, 'Caddy')
  await until(() => existsSync(authorityOf(folder)), started, 'authority')
  return started
}
