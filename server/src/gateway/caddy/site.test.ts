import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Site, withSite } from './site.ts'

const site: Site = {
  ...{ domain: 'spoq.dev', upstream: '127.0.0.1:4180', others: [], listen: ':443', tls: 'public', dns: null },
}

const hosts = fc.constantFrom('blog.example.com', 'shop.example.com')
const route = fc.record({ match: fc.tuple(fc.record({ host: fc.tuple(hosts) })), terminal: fc.boolean() })
const listen = fc.constantFrom([':443'], [':8443'], [':80', ':443'])
const server = fc.record({ listen, routes: fc.array(route, { maxLength: 2 }) }, { requiredKeys: ['listen'] })
const some = { requiredKeys: [] }
const policy = fc.oneof(fc.record({ subjects: fc.tuple(hosts) }), fc.record({ renewal_window_ratio: fc.constant(0.5) }))
// One that is for all comes after those that are for some: else Caddy would never come to them.
const policies = fc
  .uniqueArray(policy, { maxLength: 3, selector: one => JSON.stringify(one) })
  .map(all => all.sort((a, b) => Number('subjects' in b) - Number('subjects' in a)))
const on_demand = fc.record({ rate_limit: fc.constant({ burst: 5 }) })
const apps = fc.record(
  {
    http: fc.record({ http_port: fc.nat(), servers: fc.dictionary(fc.constantFrom('srv0', 'srv1'), server) }, some),
    tls: fc.record({ automation: fc.record({ policies, on_demand }, some) }, some),
    pki: fc.constant({ certificate_authorities: {} }),
  },
  some,
)
const configs = fc.oneof(fc.constant(null), fc.record({ admin: fc.constant({ listen: ':2019' }), apps }, some))

/** Everything that is in `part` is in the whole; of lists in the same order. */
function holds(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return whole === part
  if (Array.isArray(part)) {
    const rest = [...(whole as unknown[])]
    return part.every(one => rest.splice(0, rest.findIndex(other => holds(other, one)) + 1).length > 0)
  }
  return Object.entries(part).every(([key, inner]) =>
    holds((whole as Record<string, unknown> | undefined)?.[key], inner),
  )
}

// Mutants: a whole app or list replaced; a second server on the same address; a site doubled at each look.
test('whatever the operator has stays, ours is there once, and then nothing changes any more', () => {
  fc.assert(
    fc.property(configs, before => {
      const config = withSite(before, site)
      expect(holds(config, before ?? {})).toBe(true)
      expect(withSite(config, site)).toEqual(config)
      for (const id of ['spoq-names', 'spoq-domains', 'spoq-names-tls', 'spoq-domains-tls'])
        expect(JSON.stringify(config).split(`"@id":"${id}"`)).toHaveLength(2)
      const count = (of: unknown) => JSON.stringify(of).split('":443"').length - 1
      expect(count(config)).toBe(Math.max(1, count(before ?? {})))
    }),
    { numRuns: 500 },
  )
})

test('a gateway that moved, or got a way to prove the whole domain, replaces its own alone', () => {
  const before = withSite(null, site)
  const moved = { ...site, upstream: '127.0.0.1:9', dns: { name: 'cloudflare' } }
  const after = JSON.stringify(withSite(before, moved))
  expect(after).toContain('"challenges":{"dns":{"provider":{"name":"cloudflare"}}}')
  expect(after.split('"dial":"127.0.0.1:9"')).toHaveLength(3)
  expect(after).not.toContain('"dial":"127.0.0.1:4180"')
})

test('a site of the operator below the same domain keeps its certificate and its place', () => {
  const api = { match: [{ host: ['api.spoq.dev'] }], handle: [{ handler: 'reverse_proxy' }] }
  const before = { apps: { http: { servers: { srv0: { listen: [':443'], routes: [api] } } } } }
  const { apps } = withSite(before, site) as never as {
    apps: {
      http: { servers: { srv0: { routes: unknown[] } } }
      tls: { automation: { policies: { '@id': string; subjects?: string[]; on_demand?: true }[] } }
    }
  }
  expect(apps.http.servers.srv0.routes[0]).toEqual(api)
  const forApi = apps.tls.automation.policies.find(({ subjects = [] }) => subjects.some(one => /^(api|\*)\./.test(one)))
  expect(forApi).toEqual({ '@id': 'spoq-others-tls', subjects: ['api.spoq.dev'] })
})

test('of several gateways the own one is asked first, the others while it does not answer; its tunnels end nowhere else', () => {
  const { apps } = withSite(null, { ...site, others: ['127.0.0.1:4181'] }) as never as {
    apps: { http: { servers: { spoq: { routes: { '@id': string; handle: { upstreams: unknown }[] }[] } } } }
  }
  const dials = apps.http.servers.spoq.routes.map(({ handle, ...route }) => [route['@id'], handle[0]?.upstreams])
  const [own, other] = [{ dial: '127.0.0.1:4180' }, { dial: '127.0.0.1:4181' }]
  expect(dials).toEqual([
    ['spoq-tunnels', [own]],
    ['spoq-names', [own, other]],
    ['spoq-domains', [own, other]],
  ])
})
