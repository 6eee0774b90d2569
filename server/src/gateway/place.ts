import type { IncomingMessage } from 'node:http'
import { domainName } from '@spoq/contracts/domain'
import { machineName } from '@spoq/contracts/machine'

/** The gateways' name below the domain, which leads to any of them; `gateway-2` to one. No machine can have these. */
export const ownName = 'gateway'

export const isOwnName = (name: string | undefined): boolean => /^gateway(?:-\d{1,2})?$/.test(name ?? '')

/** What a request is for: a name below the machines' domain, or a domain of somebody's own. */
export type Place = { name: string; domain?: never } | { domain: string; name?: never }

/** Whose machine is asked for, by the Host header alone; null when that is neither. */
export function placeOf({ rawHeaders, headers }: IncomingMessage, domain: string): Place | null {
  const hosts = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host')
  return hosts.length === 1 ? placeOfHost(headers.host ?? '', domain) : null
}

/** The same of a host that is not in a header. */
export function placeOfHost(text: string, domain: string): Place | null {
  const [host, own] = [withoutPort(text).toLowerCase(), withoutPort(domain)]
  if (host.endsWith(`.${own}`)) {
    const name = machineName.safeParse(host.slice(0, -own.length - 1))
    return name.success ? { name: name.data } : null
  }
  const other = domainName.safeParse(host)
  return other.success && host !== own ? { domain: other.data } : null
}

const withoutPort = (host: string) => host.replace(/:\d+$/, '')
