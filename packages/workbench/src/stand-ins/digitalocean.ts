// A stand-in for DigitalOcean's API: droplets with tags, one action at a time on each, snapshots that are images of their
// own and outlive their droplet, prices. Names are not unique. `locked` is always false, as it is there.

import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { Json } from '../official/schema.ts'
import { type Answer, type Call, Refusal, type RestApi, type Route, startRestApi } from './rest-api.ts'

export interface DigitalOceanCloud extends RestApi {
  token: string
  secrets: readonly string[]
  /** Droplets that are there, of whomever, by id. */
  droplets: ReadonlyMap<number, Droplet>
  /** Snapshots that are there, of whomever, by id. */
  snapshots: ReadonlyMap<number, Snapshot>
  /** How many droplets were ever ordered. */
  ordered: () => number
  /** Most droplets that the account may have. */
  limit: number
  /** How long an action takes. */
  stepMs: number
  /** The system in each droplet does not end when it is asked to. */
  deaf: boolean
  /** The token may not read tags. */
  blind: boolean
  /** The requests of this hour are used up: a pause is told in another header. */
  spent: boolean
  /** How long a new droplet is missing from lists, in ms. */
  listLagMs: number
  /** Puts a droplet of somebody else there. */
  strange(name: string, tags?: string[]): number
}

interface Droplet {
  id: number
  name: string
  status: 'new' | 'active' | 'off' | 'archive'
  size: string
  region: string
  tags: string[]
  userData: string | undefined
  madeAt: number
}

interface Action {
  id: number
  type: string
  droplet: number
  endsAt: number
  /** What comes about at its end; null: it fails. */
  effect: (() => void) | null
  isApplied: boolean
}

interface Snapshot {
  id: number
  name: string
  droplet: number
}

const tag = z
  .string()
  .max(255)
  .regex(/^[a-zA-Z0-9_\-:]+$/)
const createBody = z.strictObject({
  name: z
    .string()
    .max(255)
    .regex(/^[a-zA-Z0-9]?[a-z0-9A-Z.-]*[a-z0-9A-Z]$/),
  region: z.string().optional(),
  size: z.string(),
  image: z.union([z.string(), z.number()]),
  ipv6: z.boolean().optional(),
  tags: z.array(tag).optional(),
  user_data: z.string().optional(),
})
const plain = (type: 'power_on' | 'power_off' | 'shutdown' | 'password_reset') =>
  z.strictObject({ type: z.literal(type) })
const actionBody = z.discriminatedUnion('type', [
  plain('power_on'),
  plain('power_off'),
  plain('shutdown'),
  plain('password_reset'),
  z.strictObject({ type: z.literal('resize'), size: z.string(), disk: z.boolean() }),
  z.strictObject({ type: z.literal('rebuild'), image: z.number() }),
  z.strictObject({ type: z.literal('snapshot'), name: z.string() }),
])

const regions = [
  { slug: 'nyc3', name: 'New York 3', available: true },
  { slug: 'fra1', name: 'Frankfurt 1', available: true },
  { slug: 'ams2', name: 'Amsterdam 2', available: false },
].map(region => ({ ...region, features: ['metadata', 'ipv6'], sizes: ['s-1vcpu-1gb', 's-1vcpu-2gb'] }))

const everywhere = regions.map(({ slug }) => slug)
const sizes = [
  { slug: 's-1vcpu-1gb', memory: 1024, vcpus: 1, disk: 25, price_monthly: 6, regions: everywhere, available: true },
  { slug: 's-1vcpu-2gb', memory: 2048, vcpus: 1, disk: 50, price_monthly: 12.3, regions: everywhere, available: true },
  { slug: 's-2vcpu-4gb', memory: 4096, vcpus: 2, disk: 80, price_monthly: 1.1, regions: ['nyc3'], available: true },
  { slug: 'c-2', memory: 4096, vcpus: 2, disk: 25, price_monthly: 42, regions: [], available: false },
  {
    slug: 'gpu-h100x1-80gb',
    memory: 245_760,
    vcpus: 20,
    disk: 720,
    price_monthly: 2522.16,
    regions: ['nyc3'],
    available: true,
    gpu_info: { count: 1, model: 'nvidia_h100', vram: { amount: 80, unit: 'gib' } },
  },
].map(size => ({ ...size, transfer: 1, price_hourly: 0.00893, description: 'Basic' }))

/** Starts one, with no droplets. */
export async function startDigitalOcean(): Promise<DigitalOceanCloud> {
  const token = `dop_v1_${randomBytes(32).toString('hex')}`
  const droplets = new Map<number, Droplet>()
  const snapshots = new Map<number, Snapshot>()
  const actions = new Map<number, Action>()
  /** Tags that differ in case are one, spelt as at first. */
  const spelling = new Map<string, string>()
  let lastId = 3_164_000
  let orders = 0

  const alive = () => {
    for (const action of actions.values()) {
      if (action.isApplied || Date.now() < action.endsAt) continue
      action.isApplied = true
      action.effect?.()
    }
    return droplets
  }
  const one = ({ params }: Call): Droplet =>
    alive().get(Number(params.id)) ?? refuse(404, 'not_found', 'The resource you were accessing could not be found.')
  const atRest = (call: Call): Droplet => {
    const droplet = one(call)
    if ([...actions.values()].some(({ droplet: id, isApplied }) => id === droplet.id && !isApplied))
      refuse(422, 'unprocessable_entity', 'Droplet already has a pending event.')
    return droplet
  }
  function begin(type: string, droplet: Droplet, effect: Action['effect'], ms = cloud.stepMs): Action {
    const action = { id: ++lastId, type, droplet: droplet.id, endsAt: Date.now() + ms, effect, isApplied: false }
    actions.set(action.id, action)
    return action
  }
  const becomes = (droplet: Droplet, status: Droplet['status']) => () => {
    droplet.status = status
  }

  function put(name: string, size: string, region: string, has: readonly string[], userData?: string): Droplet {
    const spelt = has.map(wanted => {
      const known = spelling.get(wanted.toLowerCase()) ?? wanted
      spelling.set(wanted.toLowerCase(), known)
      return known
    })
    const droplet: Droplet = {
      id: ++lastId,
      name,
      status: 'active',
      size,
      region,
      tags: spelt,
      userData,
      madeAt: Date.now(),
    }
    droplets.set(droplet.id, droplet)
    return droplet
  }

  function create({ body }: Call): Answer {
    const { name, size, region = 'nyc3', image, tags = [], user_data } = createBody.parse(body)
    const found = sizes.find(({ slug }) => slug === size)
    if (!found?.available) unprocessable('You specified an invalid size for Droplet creation.')
    if (!regions.some(({ slug, available }) => slug === region && available))
      unprocessable('You specified an invalid region for Droplet creation.')
    if (!found.regions.includes(region)) unprocessable('Size is not available in this region.')
    if (image !== 'ubuntu-24-04-x64') unprocessable('You specified an invalid image for Droplet creation.')
    if (Buffer.byteLength(user_data ?? '') > 64 * 1024) unprocessable('User data must be 64KiB or less.')
    if (alive().size >= cloud.limit) unprocessable('creating this/these droplet(s) will exceed your droplet limit')
    const droplet = put(name, size, region, tags, user_data)
    droplet.status = 'new'
    orders++
    const { id } = begin('create', droplet, becomes(droplet, 'active'))
    const href = `https://api.digitalocean.com/v2/actions/${id}`
    return {
      status: 202,
      body: { droplet: shown(droplet, cloud), links: { actions: [{ id, rel: 'create', href }] } },
    }
  }

  function act(call: Call): Answer {
    const droplet = atRest(call)
    const body = actionBody.parse(call.body)
    const wants = (status: Droplet['status'], otherwise: string) => {
      if (droplet.status !== status) unprocessable(otherwise)
    }
    const started = (): Action => {
      switch (body.type) {
        case 'power_on':
          wants('off', 'Droplet is already powered on.')
          return begin(body.type, droplet, becomes(droplet, 'active'))
        case 'shutdown':
          wants('active', 'Droplet is already powered off.')
          // It waits for the system all that time, and nothing else can be done.
          return cloud.deaf
            ? begin(body.type, droplet, null, cloud.stepMs * 8)
            : begin(body.type, droplet, becomes(droplet, 'off'))
        case 'power_off':
          wants('active', 'Droplet is already powered off.')
          return begin(body.type, droplet, becomes(droplet, 'off'))
        case 'password_reset':
          return begin(body.type, droplet, () => {})
        case 'resize': {
          wants('off', 'To resize this Droplet, please first power off your Droplet.')
          const [from, to] = [droplet.size, body.size].map(slug => sizes.find(size => size.slug === slug))
          if (!from || !to || to.disk < from.disk) unprocessable('This size is not available: its disk is smaller.')
          return begin(body.type, droplet, () => {
            droplet.size = body.size
          })
        }
        case 'rebuild':
          if (!snapshots.has(body.image)) refuse(404, 'not_found', 'The image could not be found.')
          return begin(body.type, droplet, snapshots.has(body.image) ? becomes(droplet, 'active') : null)
        case 'snapshot':
          return begin(body.type, droplet, () => {
            const id = ++lastId
            snapshots.set(id, { id, name: body.name, droplet: droplet.id })
          })
      }
    }
    return { status: 201, body: { action: shownAction(started()) } }
  }

  const routes: Route[] = [
    {
      method: 'GET',
      path: '/v2/droplets',
      query: ['tag_name', 'name', 'page', 'per_page'],
      answer: ({ query }) => {
        const wanted = query.get('tag_name')
        const found = [...alive().values()].filter(
          ({ tags, size, madeAt }) =>
            (wanted === null || tags.includes(wanted)) &&
            !size.startsWith('gpu-') &&
            Date.now() >= madeAt + cloud.listLagMs,
        )
        return paged(
          '/v2/droplets',
          'droplets',
          found.map(droplet => shown(droplet, cloud)),
          query,
        )
      },
    },
    { method: 'POST', path: '/v2/droplets', body: createBody, answer: create },
    {
      method: 'GET',
      path: '/v2/droplets/{id}',
      answer: call => ({ status: 200, body: { droplet: shown(one(call), cloud) } }),
    },
    {
      method: 'DELETE',
      path: '/v2/droplets/{id}',
      answer: call => {
        const droplet = atRest(call)
        begin('destroy', droplet, () => droplets.delete(droplet.id))
        return { status: 204 }
      },
    },
    { method: 'POST', path: '/v2/droplets/{id}/actions', body: actionBody, answer: act },
    {
      method: 'GET',
      path: '/v2/droplets/{id}/actions',
      query: ['page', 'per_page'],
      answer: call => {
        const { id } = one(call)
        const found = [...actions.values()].filter(({ droplet }) => droplet === id).reverse()
        return paged(`/v2/droplets/${id}/actions`, 'actions', found.map(shownAction), call.query)
      },
    },
    {
      method: 'GET',
      path: '/v2/droplets/{id}/actions/{action}',
      answer: call => {
        const { id } = one(call)
        const action = actions.get(Number(call.params.action))
        if (action?.droplet !== id) refuse(404, 'not_found', 'The resource you were accessing could not be found.')
        return { status: 200, body: { action: shownAction(action) } }
      },
    },
    {
      method: 'GET',
      path: '/v2/droplets/{id}/snapshots',
      query: ['page', 'per_page'],
      answer: call => {
        const { id } = one(call)
        const found = [...snapshots.values()].filter(({ droplet }) => droplet === id)
        return paged(`/v2/droplets/${id}/snapshots`, 'snapshots', found.map(shownSnapshot), call.query)
      },
    },
    {
      method: 'DELETE',
      path: '/v2/snapshots/{id}',
      answer: ({ params }) => {
        alive()
        if (!snapshots.delete(Number(params.id))) refuse(404, 'not_found', 'The image could not be found.')
        return { status: 204 }
      },
    },
    {
      method: 'GET',
      path: '/v2/regions',
      query: ['page', 'per_page'],
      answer: ({ query }) => paged('/v2/regions', 'regions', regions, query),
    },
    {
      method: 'GET',
      path: '/v2/sizes',
      query: ['page', 'per_page'],
      answer: ({ query }) => paged('/v2/sizes', 'sizes', sizes, query),
    },
  ]

  const api = await startRestApi({
    document: 'digitalocean',
    allows: headers => headers.authorization === `Bearer ${token}`,
    error: (_, id, message) => ({ id, message, request_id: '4d9d8375-3c56-4925-a3e7-eb137fed17e9' }),
    pause: (): Record<string, string> =>
      cloud.spent ? { 'ratelimit-reset': String(Math.ceil(Date.now() / 1_000) + 600) } : { 'retry-after': '1' },
    routes,
  })
  const cloud: DigitalOceanCloud = {
    ...api,
    token,
    secrets: [token],
    get droplets() {
      return alive()
    },
    get snapshots() {
      alive()
      return snapshots
    },
    ordered: () => orders,
    limit: 100,
    stepMs: 20,
    deaf: false,
    blind: false,
    spent: false,
    listLagMs: 0,
    strange: (name, tags = []) => put(name, 's-1vcpu-1gb', 'fra1', tags).id,
  }
  return cloud
}

function refuse(status: number, code: string, message: string): never {
  throw new Refusal(status, code, message)
}

function unprocessable(message: string): never {
  refuse(422, 'unprocessable_entity', message)
}

function paged(path: string, key: string, all: readonly unknown[], query: URLSearchParams): Answer {
  const perPage = Math.min(Number(query.get('per_page') ?? 20), 200)
  const page = Number(query.get('page') ?? 1)
  const last = Math.max(1, Math.ceil(all.length / perPage))
  const to = (number: number) => `https://api.digitalocean.com${path}?page=${number}&per_page=${perPage}`
  const pages = {
    ...(page > 1 ? { first: to(1), prev: to(page - 1) } : {}),
    ...(page < last ? { next: to(page + 1), last: to(last) } : {}),
  }
  const items = all.slice((page - 1) * perPage, page * perPage)
  return { status: 200, body: { [key]: items, links: last > 1 ? { pages } : {}, meta: { total: all.length } } }
}

const when = '2026-11-01T10:00:00Z'

function shown({ id, name, status, size, region, tags }: Droplet, cloud: DigitalOceanCloud): Json {
  const shape = sizes.find(({ slug }) => slug === size) as (typeof sizes)[number]
  const address = `203.0.113.${id % 256}`
  return {
    id,
    name,
    memory: shape.memory,
    vcpus: shape.vcpus,
    disk: shape.disk,
    locked: false,
    status,
    kernel: null,
    created_at: when,
    features: ['droplet_agent', 'ipv6', 'private_networking'],
    backup_ids: [],
    next_backup_window: null,
    snapshot_ids: [],
    image: {
      id: 155_133_621,
      name: '24.04 (LTS) x64',
      distribution: 'Ubuntu',
      slug: 'ubuntu-24-04-x64',
      public: true,
      regions: ['nyc3', 'fra1'],
      created_at: when,
      min_disk_size: 7,
      type: 'base',
      size_gigabytes: 0.58,
      description: 'Ubuntu 24.04 x86 image',
      tags: [],
      status: 'available',
    },
    volume_ids: [],
    size: shape,
    size_slug: size,
    // A new one has none yet; the private one comes first.
    networks:
      status === 'new'
        ? { v4: [], v6: [] }
        : {
            v4: [
              { ip_address: '10.114.0.2', netmask: '255.255.240.0', gateway: '', type: 'private' },
              { ip_address: address, netmask: '255.255.240.0', gateway: '203.0.113.1', type: 'public' },
            ],
            v6: [{ ip_address: `2001:db8::${id.toString(16)}`, netmask: 64, gateway: '2001:db8::1', type: 'public' }],
          },
    region: regions.find(({ slug }) => slug === region),
    tags: cloud.blind ? [] : tags,
    vpc_uuid: '760e09ef-dc84-11e8-981e-3cfdfeaae000',
  }
}

function shownAction({ id, type, droplet, isApplied, effect }: Action): Json {
  return {
    id,
    status: isApplied ? (effect ? 'completed' : 'errored') : 'in-progress',
    type,
    started_at: when,
    completed_at: isApplied ? when : null,
    resource_id: droplet,
    resource_type: 'droplet',
    region: regions[0],
    region_slug: 'nyc3',
  }
}

const shownSnapshot = ({ id, name }: Snapshot): Json => ({
  id,
  name,
  created_at: when,
  regions: ['fra1'],
  min_disk_size: 25,
  size_gigabytes: 2.34,
  type: 'snapshot',
})
