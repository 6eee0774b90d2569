import type { IncomingMessage } from 'node:http'
import { machineName } from '@spoq/contracts/machine'

/** The gateway's own name below the domain; no machine can have it. */
export const ownName = 'gateway'

/** Whose machine is asked for, by the Host header alone; null when that is no name below the domain. */
export function nameOf({ rawHeaders, headers }: IncomingMessage, domain: string): string | null {
  const hosts = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host')
  if (hosts.length !== 1) return null
  const host = withoutPort(headers.host ?? '').toLowerCase()
  const suffix = `.${withoutPort(domain)}`
  if (!host.endsWith(suffix)) return null
  const name = machineName.safeParse(host.slice(0, -suffix.length))
  return name.success ? name.data : null
}

const withoutPort = (host: string) => host.replace(/:\d+$/, '')
