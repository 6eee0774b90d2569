// A stand-in for Vultr's API: instances that say `active` before they can be used and have no address at first, tags,
// locks that answer 500, cursors, snapshots that know of no instance, prices. Nothing about an instance is unique.

import { randomBytes, randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Json } from '../official/schema.ts'
import { type Answer, type Call, Refusal, type RestApi, type Route, startRestApi } from './rest-api.ts'

export interface VultrCloud extends RestApi {
  token: string
  secrets: readonly string[]
  /** Instances that are there, of whomever, by id. */
  instances: ReadonlyMap<string, Instance>
  /** Snapshots that are there, of whomever, by id. */
  snapshots: ReadonlyMap<string, Snapshot>
  /** How many instances were ever ordered. */
  ordered: () => number
  /** Starts of what ran already: each one a running machine that lost its power. */
  restarts: number
  /** How long a change takes, in ms. */
  stepMs: number
  /** How long a new instance is missing from lists, in ms. */
  listLagMs: number
  /** The address that requests come from is not in the key's list. */
  stranger: boolean
  /** Puts an instance of somebody else there. */
  strange(label: string, tags?: string[]): string
}

interface Instance {
  id: string
  label: string
  hostname: string
  status: 'pending' | 'active' | 'suspended' | 'resizing'
  power: 'running' | 'stopped'
  server: 'none' | 'locked' | 'installingbooting' | 'ok'
  plan: string
  region: string
  tags: string[]
  userData: string | undefined
  madeAt: number
  /** What it becomes, one after the other. */
  stages: { at: number; becomes: Partial<Instance> | 'gone' }[]
}

interface Snapshot {
  id: string
  description: string
  readyAt: number
}

const createBody = z.strictObject({
  region: z.string(),
  plan: z.string(),
  os_id: z.int(),
  label: z.string().optional(),
  hostname: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/)
    .optional(),
  tags: z.array(z.string()).optional(),
  enable_ipv6: z.boolean().optional(),
  backups: z.enum(['enabled', 'disabled']).optional(),
  activation_email: z.boolean().optional(),
  user_data: z.base64().optional(),
})

const regions = [
  { id: 'ewr', city: 'New Jersey', country: 'US', continent: 'North America', options: ['ddos_protection'] },
  { id: 'fra', city: 'Frankfurt', country: 'DE', continent: 'Europe', options: [] },
]

const plans = [
  { id: 'vc2-1c-0.5gb-v6', vcpu_count: 1, ram: 512, disk: 10, disk_count: 1, monthly_cost: 3, locations: ['ewr'] },
  { id: 'vc2-1c-1gb', vcpu_count: 1, ram: 1024, disk: 25, disk_count: 1, monthly_cost: 5, locations: ['ewr', 'fra'] },
  { id: 'vc2-1c-2gb', vcpu_count: 1, ram: 2048, disk: 55, disk_count: 1, monthly_cost: 10, locations: ['ewr', 'fra'] },
  { id: 'vhf-8c-32gb', vcpu_count: 8, ram: 32_768, disk: 256, disk_count: 2, monthly_cost: 192, locations: ['ewr'] },
  { id: 'vcg-a16-2c-8g', vcpu_count: 2, ram: 8192, disk: 50, disk_count: 1, monthly_cost: 43, locations: ['ewr'] },
].map(plan => ({ ...plan, name: plan.id, bandwidth: 1024, type: plan.id.split('-')[0] }))

const systems = [
  { id: 1743, name: 'Ubuntu 22.04 LTS x64', arch: 'x64', family: 'ubuntu' },
  { id: 2284, name: 'Ubuntu 24.04 LTS x64', arch: 'x64', family: 'ubuntu' },
]

/** Starts one, with no instances. */
export async function startVultr(): Promise<VultrCloud> {
  const token = randomBytes(18).toString('hex').toUpperCase()
  const instances = new Map<string, Instance>()
  const snapshots = new Map<string, Snapshot>()
  let orders = 0

  const alive = () => {
    for (const instance of instances.values())
      while (instance.stages[0] && Date.now() >= instance.stages[0].at) {
        const becomes = instance.stages.shift()?.becomes
        if (becomes === 'gone') instances.delete(instance.id)
        else Object.assign(instance, becomes)
      }
    return instances
  }
  const soon = (instance: Instance, ...becomes: (Partial<Instance> | 'gone')[]) => {
    instance.stages = becomes.map((one, n) => ({ at: Date.now() + cloud.stepMs * (n + 1), becomes: one }))
  }
  const one = ({ params }: Call): Instance => alive().get(String(params.id)) ?? refuse(404, 'Invalid instance ID')
  const unlocked = (call: Call, what: string): Instance => {
    const instance = one(call)
    // `none` hides a lock.
    if (['locked', 'none'].includes(instance.server))
      refuse(500, `Unable to ${what} server: Unable to remove VM: Server is currently locked`)
    return instance
  }

  function put(label: string, more: Partial<Instance>): Instance {
    const instance: Instance = {
      id: randomUUID(),
      label,
      hostname: label,
      status: 'active',
      power: 'running',
      server: 'ok',
      plan: 'vc2-1c-1gb',
      region: 'fra',
      tags: [],
      userData: undefined,
      madeAt: Date.now(),
      stages: [],
      ...more,
    }
    instances.set(instance.id, instance)
    return instance
  }

  function create({ body }: Call): Answer {
    const { label = '', hostname = 'vultr', plan, region, os_id, tags = [], user_data } = createBody.parse(body)
    if (!regions.some(({ id }) => id === region)) refuse(400, 'Invalid region.')
    const found = plans.find(({ id }) => id === plan)
    if (!found) refuse(400, 'Invalid plan chosen.')
    if (!found.locations.includes(region)) refuse(400, 'Plan is not available in the selected region.')
    if (!systems.some(({ id }) => id === os_id)) refuse(400, 'Invalid OS ID.')
    const userData = user_data && Buffer.from(user_data, 'base64').toString()
    const instance = put(label, { hostname, plan, region, tags, userData, status: 'pending', server: 'none' })
    soon(instance, { status: 'active', server: 'installingbooting' }, { server: 'ok' })
    orders++
    return { status: 202, body: { instance: { ...shown(instance), default_password: 'v5{Fkvb#2ycPGwHs' } } }
  }

  const routes: Route[] = [
    {
      method: 'GET',
      path: '/instances',
      query: ['label', 'per_page', 'cursor'],
      answer: ({ query }) => {
        const label = query.get('label')
        const found = [...alive().values()].filter(
          one => (label === null || one.label === label) && Date.now() >= one.madeAt + cloud.listLagMs,
        )
        return paged('instances', found.map(shown), query)
      },
    },
    { method: 'POST', path: '/instances', body: createBody, answer: create },
    {
      method: 'GET',
      path: '/instances/{id}',
      answer: call => ({ status: 200, body: { instance: shown(one(call)) } }),
    },
    {
      method: 'PATCH',
      path: '/instances/{id}',
      body: z.strictObject({ plan: z.string() }),
      answer: call => {
        const instance = unlocked(call, 'upgrade')
        const { plan } = call.body as { plan: string }
        const [from, to] = [instance.plan, plan].map(wanted => plans.find(({ id }) => id === wanted))
        if (!from || !to || to.disk < from.disk) refuse(400, 'Invalid plan: only upgrades are possible.')
        instance.status = 'resizing'
        soon(instance, { status: 'active', power: 'running', plan })
        return { status: 202, body: { instance: shown(instance) } }
      },
    },
    {
      method: 'DELETE',
      path: '/instances/{id}',
      answer: call => {
        const instance = unlocked(call, 'destroy')
        instance.server = 'locked'
        soon(instance, 'gone')
        return { status: 204 }
      },
    },
    {
      method: 'POST',
      path: '/instances/{id}/start',
      answer: call => {
        const instance = unlocked(call, 'start')
        if (instance.power === 'running') cloud.restarts++
        soon(instance, { power: 'running' })
        return { status: 204 }
      },
    },
    {
      method: 'POST',
      path: '/instances/{id}/halt',
      answer: call => {
        soon(unlocked(call, 'stop'), { power: 'stopped' })
        return { status: 204 }
      },
    },
    {
      method: 'POST',
      path: '/instances/{id}/restore',
      body: z.strictObject({ snapshot_id: z.string() }),
      answer: call => {
        const instance = unlocked(call, 'restore')
        const { snapshot_id } = call.body as { snapshot_id: string }
        const snapshot = snapshots.get(snapshot_id)
        if (!snapshot || Date.now() < snapshot.readyAt) refuse(400, 'Invalid snapshot.')
        instance.server = 'locked'
        soon(instance, { server: 'ok', power: 'running' })
        const status = { restore_type: 'snapshot', restore_id: snapshot_id, status: 'complete' }
        return { status: 202, body: { status } }
      },
    },
    {
      method: 'POST',
      path: '/snapshots',
      body: z.strictObject({ instance_id: z.string(), description: z.string() }),
      answer: call => {
        const { instance_id, description } = call.body as { instance_id: string; description: string }
        const instance = unlocked({ ...call, params: { id: instance_id } }, 'snapshot')
        instance.server = 'locked'
        soon(instance, { server: 'ok' })
        // It is in the making for longer than its instance is locked.
        const snapshot = { id: randomUUID(), description, readyAt: Date.now() + cloud.stepMs * 4 }
        snapshots.set(snapshot.id, snapshot)
        return { status: 201, body: { snapshot: shownSnapshot(snapshot) } }
      },
    },
    {
      method: 'GET',
      path: '/snapshots',
      query: ['per_page', 'cursor'],
      answer: ({ query }) => paged('snapshots', [...snapshots.values()].map(shownSnapshot), query),
    },
    {
      method: 'GET',
      path: '/snapshots/{id}',
      answer: ({ params }) => {
        const snapshot = snapshots.get(String(params.id)) ?? refuse(404, 'Invalid snapshot')
        return { status: 200, body: { snapshot: shownSnapshot(snapshot) } }
      },
    },
    {
      method: 'DELETE',
      path: '/snapshots/{id}',
      answer: ({ params }) => {
        const snapshot = snapshots.get(String(params.id)) ?? refuse(404, 'Invalid snapshot')
        if (Date.now() < snapshot.readyAt) refuse(400, 'Unable to remove snapshot: it is not complete.')
        snapshots.delete(snapshot.id)
        return { status: 204 }
      },
    },
    {
      method: 'GET',
      path: '/regions',
      query: ['per_page', 'cursor'],
      answer: ({ query }) => paged('regions', regions, query),
    },
    {
      method: 'GET',
      path: '/plans',
      query: ['type', 'per_page', 'cursor'],
      answer: ({ query }) => paged('plans', plans, query),
    },
    {
      method: 'GET',
      path: '/os',
      query: ['per_page', 'cursor'],
      answer: ({ query }) => paged('os', systems, query),
    },
  ]

  const api = await startRestApi({
    document: 'vultr',
    base: '/v2',
    allows: headers => {
      if (cloud.stranger) refuse(401, 'Unauthorized IP address: 203.0.113.9')
      return headers.authorization === `Bearer ${token}`
    },
    error: (status, _, message) => ({ error: message, status }),
    routes,
  })
  const cloud: VultrCloud = {
    ...api,
    token,
    secrets: [token],
    get instances() {
      return alive()
    },
    snapshots,
    ordered: () => orders,
    restarts: 0,
    stepMs: 20,
    listLagMs: 0,
    stranger: false,
    strange: (label, tags = []) => put(label, { tags }).id,
  }
  return cloud
}

function refuse(status: number, message: string): never {
  throw new Refusal(status, '', message)
}

/** A cursor says where the next page begins; it is empty at the last. */
function paged(key: string, all: readonly unknown[], query: URLSearchParams): Answer {
  const perPage = Math.min(Number(query.get('per_page') ?? 100), 500)
  const cursor = query.get('cursor')
  if (cursor === '') refuse(400, 'Invalid cursor.')
  const from = cursor === null ? 0 : Number(Buffer.from(cursor, 'base64').toString().slice('next__'.length))
  const to = from + perPage
  const next = to < all.length ? Buffer.from(`next__${to}`).toString('base64') : ''
  const meta = { total: all.length, links: { next, prev: '' } }
  return { status: 200, body: { [key]: all.slice(from, to), meta } }
}

const when = '2026-11-01T10:00:00+00:00'

function shown({ id, label, hostname, status, power, server, plan, region, tags }: Instance): Json {
  const shape = plans.find(known => known.id === plan) as (typeof plans)[number]
  const octet = Number.parseInt(id.slice(0, 2), 16)
  const hasAddress = status !== 'pending'
  return {
    id,
    os: 'Ubuntu 24.04 LTS x64',
    ram: shape.ram,
    disk: shape.disk,
    main_ip: hasAddress ? `203.0.113.${octet}` : '0.0.0.0',
    vcpu_count: shape.vcpu_count,
    region,
    date_created: when,
    status,
    power_status: power,
    server_status: server,
    allowed_bandwidth: 1000,
    netmask_v4: hasAddress ? '255.255.254.0' : '',
    gateway_v4: hasAddress ? '203.0.113.1' : '0.0.0.0',
    v6_networks: hasAddress
      ? [{ network: '2001:db8::', main_ip: `2001:db8::${octet.toString(16)}`, network_size: 64 }]
      : [{ network: '', main_ip: '', network_size: 0 }],
    hostname,
    label,
    tag: tags[0] ?? '',
    internal_ip: '',
    kvm: 'https://my.vultr.com/subs/vps/novnc/api.php?data=00example',
    os_id: 2284,
    app_id: 0,
    image_id: '',
    firewall_group_id: '',
    features: ['ipv6'],
    plan,
    tags,
    user_scheme: 'root',
  }
}

const shownSnapshot = ({ id, description, readyAt }: Snapshot): Json => ({
  id,
  date_created: when,
  description,
  size: 26_843_545_600,
  status: Date.now() >= readyAt ? 'complete' : 'pending',
  os_id: 2284,
  app_id: 0,
})
