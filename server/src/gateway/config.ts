// The gateway's configuration: environment variables, checked once at start.

import { homedir } from 'node:os'
import { join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import { socketPath } from '@spoq/kit/socket-path'
import * as z from 'zod/mini'
import type { SshConfig } from './ssh/open.ts'

export interface GatewayConfig {
  /** Where Caddy finds it; 0: any free port. */
  host: string
  port: number
  /** Machines are `NAME.domain`, with a port where that is not the usual one. */
  domain: string
  /** The backend's private socket. */
  backendSocket: string
  logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Where it takes SSH, and where its keys for that stand; left out: it does not. */
  ssh?: SshConfig | null
  /** The Caddy before it, whose configuration it sees to; left out: somebody else does. */
  caddy?: CaddyConfig | null
}

export interface CaddyConfig {
  /** Of its admin API. */
  url: string
  /** Where it is to listen for machines' names. */
  listen: string
  tls: 'public' | 'internal'
  /** By what it proves the whole domain, as its module for that wants it; null: it does not. */
  dns: Record<string, unknown> | null
  /** Other gateways, `HOST:PORT` each: Caddy goes to them while this one does not answer. */
  others: string[]
}

/** The backend's socket for gateways, by its data folder. */
export const gatewaySocket = (dataDir: string): string => socketPath(join(dataDir, 'server'), 'gateway.sock')

/** What `MACHINE_DOMAIN` may be; this computer's own, for trying things out, has a port. */
export const domainForm = /^(?:localhost(?::\d{1,5})?|(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})$/

const environment = z.object({
  GATEWAY_HOST: z._default(z.string(), '127.0.0.1'),
  GATEWAY_PORT: z._default(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(65_535)), 4180),
  MACHINE_DOMAIN: z.string('the domain under which machines are found is needed').check(z.regex(domainForm)),
  SPOQ_DATA_DIR: z._default(z.string(), join(homedir(), '.spoq')),
  GATEWAY_SOCKET: z.optional(z.string()),
  GATEWAY_SSH_LISTEN: z.optional(
    z.string().check(z.regex(/^(?:.+:)?\d{1,5}$/, 'a port is needed, or an address and a port: 0.0.0.0:22')),
  ),
  GATEWAY_SSH_KEYS: z.optional(z.string()),
  CADDY_ADMIN_URL: z.optional(
    z.url({ protocol: /^https?$/, error: 'a http address as http://127.0.0.1:2019 is needed' }),
  ),
  CADDY_LISTEN: z._default(z.string(), ':443'),
  GATEWAY_OTHERS: z._default(
    z.string().check(z.regex(/^[^\s,]+:\d{1,5}(?:\s*,\s*[^\s,]+:\d{1,5})*$/, 'as 127.0.0.1:4181, with commas between')),
    '',
  ),
  CADDY_DNS: z.optional(
    z.string().check(z.refine(isObject, 'JSON as {"name":"cloudflare","api_token":"{env.TOKEN}"} is needed')),
  ),
  MACHINE_TLS: z._default(z.enum(['public', 'internal'], 'public or internal is needed'), 'public'),
  LOG_LEVEL: z._default(z.enum(['debug', 'info', 'warn', 'error']), 'info'),
})

/** @throws SpoqError `config_invalid` that names everything that is wrong. */
export function readGatewayConfig(env: Record<string, string | undefined>): GatewayConfig {
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value)))
  if (!parsed.success) {
    const message = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    throw new SpoqError('config_invalid', { message })
  }
  const { data } = parsed
  return {
    host: data.GATEWAY_HOST,
    port: data.GATEWAY_PORT,
    domain: data.MACHINE_DOMAIN,
    backendSocket: data.GATEWAY_SOCKET ?? gatewaySocket(data.SPOQ_DATA_DIR),
    logLevel: data.LOG_LEVEL,
    ssh: data.GATEWAY_SSH_LISTEN
      ? {
          ...listenOf(data.GATEWAY_SSH_LISTEN),
          keyFolder: data.GATEWAY_SSH_KEYS ?? join(data.SPOQ_DATA_DIR, 'gateway'),
        }
      : null,
    caddy: data.CADDY_ADMIN_URL
      ? {
          url: data.CADDY_ADMIN_URL,
          listen: data.CADDY_LISTEN,
          tls: data.MACHINE_TLS,
          dns: data.CADDY_DNS ? JSON.parse(data.CADDY_DNS) : null,
          others: data.GATEWAY_OTHERS.split(',').flatMap(one => one.trim() || []),
        }
      : null,
  }
}

/** `22` is on all addresses. */
function listenOf(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':')
  return { host: at < 0 ? '::' : text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
