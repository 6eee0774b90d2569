// A fetch for addresses that strangers name: it reaches the public internet over https and nothing else. What is judged is
// the address that is connected to, so a name that leads inside, now or at the second look, leads nowhere.

import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { isIP } from 'node:net'
import { Agent, fetch as undiciFetch } from 'undici'
import { isPublic } from './is-public.ts'

/** The address is none of the public internet, or not asked by https. */
export class NotPublic extends Error {
  override readonly name = 'NotPublic'
}

const mostBytes = 1 << 20

type Found = (error: Error | null, addresses: LookupAddress[]) => void
export type Resolve = (name: string, options: LookupOptions & { all: true }, found: Found) => void

/**
 * Makes one. It follows no redirect (with `redirect: 'manual'` it answers one) and reads 1 MiB of an answer at most.
 * @throws NotPublic from the call, also as the `cause` of a TypeError.
 */
export function publicFetch(resolve: Resolve = lookup): typeof fetch {
  const connect = { lookup: publicLookup(resolve) as never }
  const dispatcher = new Agent({ connect, maxResponseSize: mostBytes, keepAliveTimeout: 1_000 })
  return (async (address: string | URL, init: RequestInit = {}) => {
    const { protocol, hostname } = new URL(address)
    if (protocol !== 'https:') throw new NotPublic('The address has to begin with https.')
    // Names are judged by what they resolve to, when they do.
    const host = hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) > 0 && !isPublic(host)) throw notPublic()
    const redirect = init.redirect === 'manual' ? 'manual' : 'error'
    return undiciFetch(address, { ...(init as object), dispatcher, redirect })
  }) as unknown as typeof fetch
}

/** Answers in the form that was asked for: all addresses, or the first. */
function publicLookup(resolve: Resolve) {
  return (name: string, options: LookupOptions, done: (...answer: unknown[]) => void) =>
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error)
      const [first] = addresses
      if (!first || !addresses.every(({ address }) => isPublic(address))) return done(notPublic())
      return options.all ? done(null, addresses) : done(null, first.address, first.family)
    })
}

const notPublic = () => new NotPublic('The address is none of the public internet.')
