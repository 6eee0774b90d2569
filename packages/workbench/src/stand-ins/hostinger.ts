// A stand-in for Hostinger's API: an order is charged at once, servers are locked while something is done with them and
// are never deleted: their subscription is no longer renewed. Scripts belong to the account, and a list of them has pages.

import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { Json } from '../official/schema.ts'
import { type Answer, type Call, Refusal, type RestApi, type Route, startRestApi } from './rest-api.ts'

export interface HostingerCloud extends RestApi {
  key: string
  secrets: readonly string[]
  /** Servers that are there, of whomever, by id. */
  servers: ReadonlyMap<number, HostingerServer>
  subscriptions: ReadonlyMap<string, Subscription>
  scripts: ReadonlyMap<number, { name: string; content: string }>
  /** How many were ever ordered, and so charged. */
  ordered: () => number
  passwords: string[]
  /** Puts a server of somebody else there. */
  strange(hostname: string): number
  /** Puts a script of somebody else there. */
  strangeScript(name: string): void
  /** Puts a server into a state in which it stays. */
  put(id: number, state: string): void
  /** The status of the next orders; nothing comes of one that is not `completed`. */
  orderStatus: string
  /** How long a new server bears no name, or is not to be seen at all, in ms. */
  unnamedMs: number
  unseenMs: number
}

export interface HostingerServer {
  id: number
  hostname: string
  state: string
  template: number
  dataCenter: number
  subscription: string
  script: string | undefined
  backups: boolean
  /** Raised by one whenever its disk is begun anew. */
  installs: number
  /** What it becomes, and when. */
  next: { state: string; at: number } | null
  namedAt: number
  seenAt: number
}

interface Subscription {
  id: string
  renews: boolean
}

const hostname = z.string().regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/)
const password = z.string().regex(/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d).{12,}$/)
const purchaseBody = z.strictObject({
  item_id: z.string(),
  setup: z.strictObject({
    template_id: z.int(),
    data_center_id: z.int(),
    hostname: hostname.optional(),
    post_install_script_id: z.int().optional(),
    enable_backups: z.boolean().optional(),
  }),
})
const recreateBody = z.strictObject({ template_id: z.int() })
const scriptBody = z.strictObject({
  name: z.string().min(1),
  content: z
    .string()
    .startsWith('#!')
    .max(48 * 1024),
})

const templates = [
  { id: 1_002, name: 'Ubuntu 24.04 with Docker' },
  { id: 1_077, name: 'Ubuntu 24.04 LTS' },
  { id: 1_040, name: 'Debian 12' },
].map(one => ({ ...one, description: one.name, documentation: null }))

const dataCenters = [
  { id: 19, name: 'fast', location: 'de', city: 'Frankfurt', continent: 'Europe' },
  { id: 29, name: 'phx', location: 'us', city: 'Phoenix', continent: 'North America' },
]

const monthly = (id: string, price: number, first: number) => ({
  id: `${id}-usd-1m`,
  name: 'billed every month',
  currency: 'USD',
  price,
  first_period_price: first,
  period: 1,
  period_unit: 'month',
})
const items = [
  { id: 'hostingercom-vps-kvm1', name: 'KVM 1', price: 1_399 },
  { id: 'hostingercom-vps-kvm2', name: 'KVM 2', price: 1_799 },
  { id: 'hostingercom-vps-game', name: 'Game Panel 1', price: 1_299 },
].map(({ id, name, price }) => ({
  id,
  name,
  category: 'VPS',
  metadata: null,
  prices: [monthly(id, price, 899), { ...monthly(id, price * 10, price * 5), id: `${id}-usd-1y`, period_unit: 'year' }],
}))

const base = '/api/vps/v1/virtual-machines'
const transitional = ['creating', 'starting', 'stopping', 'recreating']

/** Starts one; each change of a server's state takes `stepMs`. */
export async function startHostinger({ stepMs = 20 } = {}): Promise<HostingerCloud> {
  const key = randomBytes(32).toString('hex')
  const servers = new Map<number, HostingerServer>()
  const subscriptions = new Map<string, Subscription>()
  const scripts = new Map<number, { name: string; content: string }>()
  const passwords: string[] = []
  let lastId = 17_000
  let orders = 0

  const alive = () => {
    for (const server of servers.values()) {
      if (!server.next || Date.now() < server.next.at) continue
      server.state = server.next.state
      server.next = null
    }
    return servers
  }
  const soon = (server: HostingerServer, state: string, then: string) =>
    Object.assign(server, { state, next: { state: then, at: Date.now() + stepMs } })
  const seen = () => [...alive().values()].filter(({ seenAt }) => Date.now() >= seenAt)
  const one = ({ params }: Call): HostingerServer =>
    seen().find(({ id }) => id === Number(params.id)) ?? refuse(404, 'Virtual machine not found')
  const unlocked = (call: Call): HostingerServer => {
    const server = one(call)
    return isLocked(server) ? refuse(422, 'Virtual machine is locked') : server
  }

  function put(hostname: string, more: Partial<HostingerServer> = {}): HostingerServer {
    const subscription = randomBytes(8).toString('hex')
    subscriptions.set(subscription, { id: subscription, renews: true })
    const server: HostingerServer = {
      id: ++lastId,
      hostname,
      state: 'running',
      template: 1_077,
      dataCenter: 19,
      subscription,
      script: undefined,
      backups: true,
      installs: 1,
      next: null,
      namedAt: 0,
      seenAt: 0,
      ...more,
    }
    servers.set(server.id, server)
    return server
  }

  function purchase({ body }: Call): Answer {
    const { item_id, setup } = purchaseBody.parse(body)
    if (!items.some(({ prices }) => prices.some(({ id }) => id === item_id)))
      refuse(422, 'The selected item id is invalid.')
    if (!dataCenters.some(({ id }) => id === setup.data_center_id)) refuse(422, 'The data center id is invalid.')
    templateOf(setup.template_id)
    const { post_install_script_id: script } = setup
    if (script !== undefined && !scripts.has(script)) refuse(422, 'The post install script id is invalid.')
    if (cloud.orderStatus !== 'completed') return { status: 200, body: { order: shownOrder('', cloud.orderStatus) } }
    const server = put(setup.hostname ?? '', {
      template: setup.template_id,
      dataCenter: setup.data_center_id,
      script: script === undefined ? undefined : scripts.get(script)?.content,
      backups: setup.enable_backups ?? true,
      namedAt: Date.now() + cloud.unnamedMs,
      seenAt: Date.now() + cloud.unseenMs,
    })
    soon(server, 'creating', 'running')
    orders++
    return {
      status: 200,
      body: { order: shownOrder(server.subscription, 'completed'), virtual_machine: shown(server) },
    }
  }

  function power(name: string, from: string, via: string, to: string) {
    return (call: Call): Answer => {
      const server = unlocked(call)
      if (server.state === from) soon(server, via, to)
      return acted(name)
    }
  }
  const acted = (name: string): Answer => ({ status: 200, body: { id: ++lastId, name, state: 'sent', ...dates } })

  function recreated(call: Call): Answer {
    const server = unlocked(call)
    if (['initial', 'suspended'].includes(server.state)) refuse(422, 'Virtual machine cannot be recreated')
    const { template_id: template } = call.body as z.infer<typeof recreateBody>
    templateOf(template)
    Object.assign(server, { template, script: undefined, installs: server.installs + 1 })
    soon(server, 'recreating', 'running')
    return acted('ct_recreate')
  }

  const script = ({ params }: Call) => scripts.get(Number(params.id)) ?? refuse(404, 'Script not found')
  const shownScript = (id: number) => ({ id, ...scripts.get(id), ...dates })

  const routes: Route[] = [
    { method: 'GET', path: base, answer: () => ({ status: 200, body: seen().map(shown) }) },
    { method: 'POST', path: base, body: purchaseBody, answer: purchase },
    { method: 'GET', path: `${base}/{id}`, answer: call => ({ status: 200, body: shown(one(call)) }) },
    { method: 'POST', path: `${base}/{id}/start`, answer: power('ct_start', 'stopped', 'starting', 'running') },
    { method: 'POST', path: `${base}/{id}/stop`, answer: power('ct_stop', 'running', 'stopping', 'stopped') },
    { method: 'POST', path: `${base}/{id}/recreate`, body: recreateBody, answer: recreated },
    {
      method: 'PUT',
      path: `${base}/{id}/root-password`,
      body: z.strictObject({ password }),
      answer: call => {
        unlocked(call)
        passwords.push((call.body as { password: string }).password)
        return acted('ct_set_rootpasswd')
      },
    },
    {
      method: 'GET',
      path: '/api/vps/v1/post-install-scripts',
      query: ['page'],
      answer: ({ query }) => {
        const page = Number(query.get('page') ?? 1)
        const data = [...scripts.keys()].slice((page - 1) * 50, page * 50).map(shownScript)
        return { status: 200, body: { data, meta: { current_page: page, per_page: 50, total: scripts.size } } }
      },
    },
    {
      method: 'POST',
      path: '/api/vps/v1/post-install-scripts',
      body: scriptBody,
      answer: ({ body }) => {
        scripts.set(++lastId, body as z.infer<typeof scriptBody>)
        return { status: 200, body: shownScript(lastId) }
      },
    },
    {
      method: 'PUT',
      path: '/api/vps/v1/post-install-scripts/{id}',
      body: scriptBody,
      answer: call => {
        Object.assign(script(call), call.body)
        return { status: 200, body: shownScript(Number(call.params.id)) }
      },
    },
    {
      method: 'DELETE',
      path: '/api/vps/v1/post-install-scripts/{id}',
      answer: call => {
        script(call)
        scripts.delete(Number(call.params.id))
        return { status: 200, body: { message: 'Request accepted' } }
      },
    },
    { method: 'GET', path: '/api/vps/v1/templates', answer: () => ({ status: 200, body: templates }) },
    { method: 'GET', path: '/api/vps/v1/data-centers', answer: () => ({ status: 200, body: dataCenters }) },
    {
      method: 'GET',
      path: '/api/billing/v1/catalog',
      query: ['category', 'name'],
      answer: () => ({ status: 200, body: items }),
    },
    {
      method: 'GET',
      path: '/api/billing/v1/subscriptions',
      answer: () => ({ status: 200, body: [...subscriptions.values()].map(shownSubscription) }),
    },
    {
      method: 'DELETE',
      path: '/api/billing/v1/subscriptions/{id}/auto-renewal/disable',
      answer: ({ params }) => {
        const subscription = subscriptions.get(String(params.id)) ?? refuse(404, 'Subscription not found')
        if (!subscription.renews) refuse(422, 'Auto-renewal is disabled already')
        subscription.renews = false
        return { status: 200, body: shownSubscription(subscription) }
      },
    },
  ]

  const api = await startRestApi({
    document: 'hostinger',
    allows: headers => {
      if (headers['content-type'] !== 'application/json') refuse(400, 'content type must be application/json')
      return headers.authorization === `Bearer ${key}`
    },
    error: (_, __, message) => ({ message, correlation_id: '26a91bd9-f8c8-4a83-9df9-83e23d696fe3' }),
    routes,
  })
  const cloud: HostingerCloud = {
    ...api,
    key,
    secrets: [key],
    get servers() {
      return alive()
    },
    subscriptions,
    scripts,
    ordered: () => orders,
    passwords,
    strange: name => put(name).id,
    strangeScript: name => void scripts.set(++lastId, { name, content: '#!/bin/sh\n' }),
    put: (id, state) => void Object.assign(servers.get(id) ?? {}, { state, next: null }),
    orderStatus: 'completed',
    unnamedMs: 0,
    unseenMs: 0,
  }
  return cloud
}

function refuse(status: number, message: string): never {
  throw new Refusal(status, String(status), message)
}

const templateOf = (id: number) => templates.find(one => one.id === id) ?? refuse(422, 'The template id is invalid.')
const isLocked = ({ state }: HostingerServer) => transitional.includes(state)
const dates = { created_at: '2026-11-01T10:00:00Z', updated_at: '2026-11-01T10:00:00Z' }

function shown(server: HostingerServer): Json {
  const { id, state, hostname, namedAt } = server
  const isMade = state !== 'creating' && state !== 'initial'
  return {
    id,
    firewall_group_id: null,
    subscription_id: server.subscription,
    data_center_id: server.dataCenter,
    plan: 'KVM 2',
    hostname: Date.now() >= namedAt ? hostname : `srv${id}.hstgr.cloud`,
    state,
    actions_lock: isLocked(server) ? 'locked' : 'unlocked',
    cpus: 2,
    memory: 8_192,
    disk: 102_400,
    bandwidth: 8_192_000,
    ns1: null,
    ns2: null,
    ipv4: isMade ? [{ id, address: `203.0.113.${id % 256}`, ptr: null }] : null,
    ipv6: isMade ? [{ id, address: `2001:db8:${(id % 65_536).toString(16)}::1`, ptr: null }] : null,
    template: templateOf(server.template),
    created_at: dates.created_at,
  }
}

function shownSubscription({ id, renews }: Subscription): Json {
  const next = new Date(Date.now() + 20 * 86_400_000).toISOString()
  return {
    id,
    name: 'KVM 2',
    status: renews ? 'active' : 'not_renewing',
    billing_period: 1,
    billing_period_unit: 'month',
    currency_code: 'USD',
    total_price: 1_799,
    renewal_price: 1_799,
    is_auto_renewed: renews,
    created_at: dates.created_at,
    expires_at: next,
    next_billing_at: renews ? next : null,
  }
}

function shownOrder(subscription_id: string, status: string): Json {
  const none = { company: null, address_1: null, address_2: null, city: null, state: null, zip: null, phone: null }
  const billing_address = { first_name: 'J', last_name: 'D', email: 'j@spoq.example', country: 'NL', ...none }
  const price = { currency: 'USD', subtotal: 899, total: 1_088 }
  return { id: 2_957_086, subscription_id, status, ...price, billing_address, ...dates }
}
