// What the gateway wants to stand in Caddy's configuration. Ours is known by its `@id`; whatever else stands there is the
// operator's and stays. Pure.

import { ownName } from '../place.ts'

export interface Site {
  /** Machines are `NAME.domain`; without a port. */
  domain: string
  /** Where the gateway listens, `HOST:PORT`. */
  upstream: string
  /** Where other gateways do: machines are connected to each. */
  others: readonly string[]
  /** Where Caddy is to listen, as it writes that itself: `:443`. */
  listen: string
  /** Who vouches for the names: a public authority, or Caddy itself. */
  tls: 'public' | 'internal'
  /** By what Caddy proves the whole domain (DNS-01), as its module wants it; null: each name gets a certificate of its own. */
  dns: Record<string, unknown> | null
}

type Json = Record<string, unknown>

/** Where the gateway says whether a certificate may be had for a name. */
export const askPath = '/tls-allowed'

/** The configuration with the site in it; the same when it is there already. */
export function withSite(config: unknown, site: Site): Json {
  const whole = asObject(config)
  const apps = asObject(whole.apps)
  const hosts = hostsOf(asObject(asObject(apps.http).servers))
  const tls = tlsWith(asObject(apps.tls), hosts, site)
  return { ...whole, apps: { ...apps, tls, http: httpWith(asObject(apps.http), site) } }
}

function tlsWith(tls: Json, hosts: readonly string[], site: Site): Json {
  const automation = asObject(tls.automation)
  const ask = { ask: `http://${site.upstream}${askPath}` }
  const policies = policiesWith(othersOf(automation.policies), hosts, site)
  return { ...tls, automation: { ...automation, on_demand: { ...ask, ...asObject(automation.on_demand) }, policies } }
}

/**
 * Caddy takes the first that fits. What the operator says of some names comes before ours, and so do the names of the
 * operator's own sites, which we vouch for as little as for those that lead nowhere; what is said of all others comes after.
 */
function policiesWith(others: readonly Json[], hosts: readonly string[], site: Site): Json[] {
  const isForAll = (policy: Json) => [policy.subjects ?? []].flat().length === 0
  const special = others.filter(policy => !isForAll(policy))
  const general = others.filter(isForAll)
  const said = new Set(special.flatMap(({ subjects }) => subjects))
  const subjects = hosts.filter(host => !said.has(host))
  const theirs = { ...(general[0] ?? issuersOf(site)), '@id': 'spoq-others-tls', subjects }
  return [...special, ...(subjects.length > 0 ? [theirs] : []), namesPolicy(site), ...general, domainsPolicy(site)]
}

/** The hosts of the operator's own sites. */
function hostsOf(servers: Json): string[] {
  const within = (value: unknown): string[] => {
    if (Array.isArray(value)) return othersOf(value).flatMap(within)
    if (typeof value !== 'object' || value === null) return []
    const { match, ...rest } = value as Json
    const hosts = [match ?? []].flat().flatMap(one => [asObject(one).host ?? []].flat().map(String))
    return [...hosts, ...Object.values(rest).flatMap(within)]
  }
  return [...new Set(Object.values(servers).flatMap(server => within(asObject(server).routes)))].sort()
}

function httpWith(http: Json, site: Site): Json {
  const servers = asObject(http.servers)
  const name = serverOf(servers, site.listen)
  const server = { listen: [site.listen], ...asObject(servers[name]) }
  const ours = [...tunnelRoutes(site), namesRoute(site), domainsRoute(site)]
  const routes = [...othersOf(asObject(servers[name]).routes), ...ours]
  return { ...http, servers: { ...servers, [name]: { ...server, routes } } }
}

/** The operator's server that listens there already: two cannot. Else one of ours. */
const serverOf = (servers: Json, listen: string) =>
  Object.keys(servers).find(name => [asObject(servers[name]).listen].flat().includes(listen)) ?? 'spoq'

const issuersOf = ({ tls }: Site) => (tls === 'internal' ? { issuers: [{ module: 'internal' }] } : {})

/** One certificate for all names where the whole domain can be proven, else one for each when it is first asked for. */
function namesPolicy(site: Site): Json {
  const { domain, dns } = site
  const proven = { issuers: [{ module: 'acme', challenges: { dns: { provider: dns } } }] }
  const each = { on_demand: true, ...issuersOf(site) }
  return { '@id': 'spoq-names-tls', subjects: [`*.${domain}`], ...(dns ? proven : each) }
}

const domainsPolicy = (site: Site): Json => ({ '@id': 'spoq-domains-tls', on_demand: true, ...issuersOf(site) })

/** A machine's tunnel to one gateway is not to end at another, where it has one already. */
const tunnelRoutes = (site: Site): Json[] =>
  site.others.slice(0, 1).map(() => ({
    '@id': 'spoq-tunnels',
    match: [{ host: [`*.${site.domain}`], path: ['/tunnel'] }],
    handle: [proxyTo({ ...site, others: [] })],
    terminal: true,
  }))

const namesRoute = (site: Site): Json => ({
  '@id': 'spoq-names',
  match: [{ host: [`*.${site.domain}`] }],
  handle: [proxyTo(site)],
  terminal: true,
})

const domainsRoute = (site: Site): Json => ({ '@id': 'spoq-domains', handle: [proxyTo(site)] })

const proxyTo = ({ upstream, others, domain }: Site): Json => ({
  handler: 'reverse_proxy',
  flush_interval: -1,
  upstreams: [upstream, ...others].map(dial => ({ dial })),
  ...(others.length > 0 ? elsewhere(domain) : {}),
})

/**
 * To the next where no connection comes about, so that nothing can have been done. Caddy before 2.7 cannot send a body a
 * second time, and counts that as a failure of the next one: it takes three, and looks each second by itself.
 */
const elsewhere = (domain: string): Json => ({
  load_balancing: { selection_policy: { policy: 'first' }, try_duration: '5s', try_interval: '50ms' },
  health_checks: {
    active: { uri: '/health', headers: { Host: [`${ownName}.${domain}`] }, interval: '1s', timeout: '2s' },
    passive: { fail_duration: '2s', max_fails: 3 },
  },
})

/** What of a list is not ours. */
const othersOf = (list: unknown): Json[] =>
  (Array.isArray(list) ? list : []).filter(one => !String(asObject(one)['@id']).startsWith('spoq-'))

const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
