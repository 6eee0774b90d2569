// A stand-in for Hetzner Cloud's API: servers that take a while to start and to end, unique names, labels and their
// selectors, actions, snapshots, prices. `datacenter` is gone from it since July 2026; the official document is older.

import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { Json } from '../official/schema.ts'
import { type Answer, type Call, Refusal, type RestApi, type Route, startRestApi } from './rest-api.ts'

export interface HetznerCloud extends RestApi {
  token: string
  secrets: readonly string[]
  /** Servers that are there, of whomever, by id. */
  servers: ReadonlyMap<number, Server>
  /** How many servers were ever ordered. */
  ordered: () => number
  /** Most servers that the project may have. */
  limit: number
  /** Puts a server of somebody else there. */
  strange(name: string, labels?: Record<string, string>): number
}

interface Server {
  id: number
  name: string
  status: 'initializing' | 'running' | 'stopping' | 'off' | 'starting' | 'deleting' | 'rebuilding'
  type: string
  location: string
  labels: Record<string, string>
  userData: string | undefined
  /** What it becomes, and when. */
  next: { status: Server['status'] | 'gone'; at: number } | null
}

interface Image {
  id: number
  labels: Record<string, string>
  from: Server
  readyAt: number
}

const label = z.string().regex(/^(()|[a-z0-9A-Z]|([a-z0-9A-Z][a-z0-9A-Z._-]{0,61}[a-z0-9A-Z]))$/)
const labels = z.record(z.string().regex(/^[a-z0-9A-Z]([a-z0-9A-Z._/-]{0,61}[a-z0-9A-Z])?$/), label)
const createBody = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?$/),
  image: z.string(),
  server_type: z.string(),
  location: z.string().optional(),
  start_after_create: z.boolean().optional(),
  labels: labels.optional(),
  user_data: z
    .string()
    .max(32 * 1024)
    .optional(),
})

const locations = [
  {
    id: 1,
    name: 'fsn1',
    city: 'Falkenstein',
    country: 'DE',
    network_zone: 'eu-central',
    latitude: 50.47,
    longitude: 12.37,
  },
  {
    id: 2,
    name: 'nbg1',
    city: 'Nuremberg',
    country: 'DE',
    network_zone: 'eu-central',
    latitude: 49.45,
    longitude: 11.07,
  },
  {
    id: 4,
    name: 'ash',
    city: 'Ashburn, VA',
    country: 'US',
    network_zone: 'us-east',
    latitude: 39.04,
    longitude: -77.48,
  },
].map(one => ({ ...one, description: `${one.city} park` }))

const types = [
  {
    id: 1,
    name: 'cx23',
    cores: 2,
    memory: 4,
    disk: 40,
    architecture: 'x86',
    gross: '4.1530000000',
    at: ['fsn1', 'nbg1'],
  },
  {
    id: 2,
    name: 'cx33',
    cores: 4,
    memory: 8,
    disk: 80,
    architecture: 'x86',
    gross: '6.5330000000',
    at: ['fsn1', 'nbg1'],
  },
  { id: 3, name: 'cax11', cores: 2, memory: 4, disk: 40, architecture: 'arm', gross: '4.5100000000', at: ['fsn1'] },
  { id: 4, name: 'cpx11', cores: 2, memory: 2, disk: 40, architecture: 'x86', gross: '5.3400000000', at: ['ash'] },
]

/** Starts one; each change of a server's status takes `stepMs`. */
export async function startHetzner({ stepMs = 20 }: { stepMs?: number } = {}): Promise<HetznerCloud> {
  const token = randomBytes(32).toString('hex')
  const servers = new Map<number, Server>()
  const images = new Map<number, Image>()
  const actions = new Map<number, { command: string; endsAt: number; server: number }>()
  let lastId = 1_000

  const alive = () => {
    for (const server of servers.values()) {
      if (!server.next || Date.now() < server.next.at) continue
      if (server.next.status === 'gone') servers.delete(server.id)
      else server.status = server.next.status
      server.next = null
    }
    return servers
  }
  const soon = (server: Server, status: Server['status'], then: Server['status'] | 'gone') => {
    server.status = status
    server.next = { status: then, at: Date.now() + stepMs }
  }
  const one = ({ params }: Call): Server =>
    alive().get(Number(params.id)) ?? refuse(404, 'not_found', `server with ID '${params.id}' not found`)
  const unlocked = (call: Call): Server => {
    const server = one(call)
    if (server.status === 'deleting' || server.status === 'rebuilding') refuse(423, 'locked', 'server is locked')
    return server
  }

  function acted(command: string, server: Server): Json {
    const id = ++lastId
    actions.set(id, { command, endsAt: Date.now() + stepMs, server: server.id })
    return shownAction(id)
  }
  function shownAction(id: number): Json {
    const action = actions.get(id) ?? refuse(404, 'not_found', 'action not found')
    const done = Date.now() >= action.endsAt
    const started = '2026-11-01T10:00:00Z'
    return {
      id,
      command: action.command,
      status: done ? 'success' : 'running',
      progress: done ? 100 : 50,
      started,
      finished: done ? started : null,
      error: null,
      resources: [{ id: action.server, type: 'server' }],
    }
  }

  function create({ body }: Call): Answer {
    const wanted = createBody.parse(body)
    const { name, location = 'fsn1' } = wanted
    const type = types.find(known => known.name === wanted.server_type)
    if (!type) refuse(422, 'invalid_input', `server type '${wanted.server_type}' not found`)
    if (!locations.some(known => known.name === location))
      refuse(422, 'invalid_input', `location '${location}' not found`)
    if (!type.at.includes(location)) refuse(412, 'resource_unavailable', 'server location disabled')
    if (wanted.image !== 'ubuntu-24.04') refuse(422, 'invalid_input', `image '${wanted.image}' not found`)
    if ([...alive().values()].some(server => server.name === name))
      refuse(409, 'uniqueness_error', 'server name is already used')
    if (servers.size >= cloud.limit) refuse(403, 'resource_limit_exceeded', 'server limit exceeded')
    const server = put(name, type.name, location, wanted.labels ?? {}, wanted.user_data)
    soon(server, 'initializing', wanted.start_after_create === false ? 'off' : 'running')
    orders++
    return {
      status: 201,
      body: {
        server: shown(server),
        action: acted('create_server', server),
        next_actions: [],
        root_password: randomBytes(10).toString('hex'),
      },
    }
  }
  let orders = 0

  function put(name: string, type: string, location: string, has: Record<string, string>, userData?: string): Server {
    const server: Server = { id: ++lastId, name, status: 'off', type, location, labels: has, userData, next: null }
    servers.set(server.id, server)
    return server
  }

  function power(command: string, from: Server['status'], via: Server['status'], to: Server['status']) {
    return (call: Call): Answer => {
      const server = unlocked(call)
      if (server.status === from) soon(server, via, to)
      return { status: 201, body: { action: acted(command, server) } }
    }
  }

  const routes: Route[] = [
    {
      method: 'GET',
      path: '/servers',
      query: ['name', 'label_selector', 'page', 'per_page'],
      answer: ({ query }) => {
        const name = query.get('name')
        const found = [...alive().values()].filter(
          server => (name === null || server.name === name) && selects(query.get('label_selector'), server.labels),
        )
        return paged('servers', found.map(shown), query)
      },
    },
    { method: 'POST', path: '/servers', body: createBody, answer: create },
    { method: 'GET', path: '/servers/{id}', answer: call => ({ status: 200, body: { server: shown(one(call)) } }) },
    {
      method: 'DELETE',
      path: '/servers/{id}',
      answer: call => {
        const server = unlocked(call)
        soon(server, 'deleting', 'gone')
        return { status: 200, body: { action: acted('delete_server', server) } }
      },
    },
    {
      method: 'POST',
      path: '/servers/{id}/actions/poweron',
      answer: power('start_server', 'off', 'starting', 'running'),
    },
    {
      method: 'POST',
      path: '/servers/{id}/actions/poweroff',
      answer: power('stop_server', 'running', 'stopping', 'off'),
    },
    {
      method: 'POST',
      path: '/servers/{id}/actions/shutdown',
      answer: power('shutdown_server', 'running', 'stopping', 'off'),
    },
    {
      method: 'POST',
      path: '/servers/{id}/actions/change_type',
      body: z.strictObject({ server_type: z.string(), upgrade_disk: z.boolean() }),
      answer: call => {
        const server = unlocked(call)
        const { server_type } = call.body as { server_type: string }
        if (server.status !== 'off') refuse(422, 'server_not_stopped', 'server must be off')
        if (!types.some(({ name }) => name === server_type)) refuse(422, 'invalid_input', 'server type not found')
        server.type = server_type
        return { status: 201, body: { action: acted('change_server_type', server) } }
      },
    },
    {
      method: 'POST',
      path: '/servers/{id}/actions/reset_password',
      answer: call => {
        const server = unlocked(call)
        if (server.status !== 'running') refuse(422, 'server_not_running', 'server must run')
        return { status: 201, body: { action: acted('reset_password', server), root_password: 'zCWbFhnu950dUTko5f40' } }
      },
    },
    {
      method: 'POST',
      path: '/servers/{id}/actions/create_image',
      body: z.strictObject({ type: z.enum(['snapshot', 'backup']), labels, description: z.string().optional() }),
      answer: call => {
        const from = unlocked(call)
        const image = { id: ++lastId, labels: (call.body as Image).labels, from, readyAt: Date.now() + stepMs }
        images.set(image.id, image)
        return { status: 201, body: { action: acted('create_image', from), image: shownImage(image) } }
      },
    },
    {
      method: 'POST',
      path: '/servers/{id}/actions/rebuild',
      body: z.strictObject({ image: z.string() }),
      answer: call => {
        const server = unlocked(call)
        if (!images.has(Number((call.body as { image: string }).image))) refuse(404, 'not_found', 'image not found')
        soon(server, 'rebuilding', 'running')
        return { status: 201, body: { action: acted('rebuild_server', server), root_password: null } }
      },
    },
    {
      method: 'GET',
      path: '/images',
      query: ['label_selector', 'type', 'page', 'per_page'],
      answer: ({ query }) => {
        const found = [...images.values()].filter(image => selects(query.get('label_selector'), image.labels))
        return paged('images', found.map(shownImage), query)
      },
    },
    {
      method: 'DELETE',
      path: '/images/{id}',
      answer: ({ params }) => {
        if (!images.delete(Number(params.id))) refuse(404, 'not_found', 'image not found')
        return { status: 204 }
      },
    },
    {
      method: 'GET',
      path: '/actions/{id}',
      answer: ({ params }) => ({ status: 200, body: { action: shownAction(Number(params.id)) } }),
    },
    {
      method: 'GET',
      path: '/locations',
      query: ['page', 'per_page'],
      answer: ({ query }) => paged('locations', locations, query),
    },
    {
      method: 'GET',
      path: '/server_types',
      query: ['page', 'per_page'],
      answer: ({ query }) => paged('server_types', types.map(shownType), query),
    },
  ]

  const api = await startRestApi({
    document: 'hetzner',
    base: '/v1',
    amend: withoutDatacenter,
    allows: headers => headers.authorization === `Bearer ${token}`,
    error: (_, code, message) => ({ error: { code, message, details: {} } }),
    routes,
  })
  const cloud: HetznerCloud = {
    ...api,
    token,
    secrets: [token],
    get servers() {
      return alive()
    },
    ordered: () => orders,
    limit: 100,
    strange: (name, has = {}) => put(name, 'cx23', 'fsn1', has).id,
  }
  return cloud
}

/** Gone from requests and answers since 2026-07-01; the document is of February. */
function withoutDatacenter(document: Json): void {
  const { schemas } = document.components as { schemas: Record<string, { properties: Json; required: string[] }> }
  for (const name of ['create_server_request', 'server']) {
    const schema = schemas[name]
    if (!schema) continue
    delete schema.properties.datacenter
    schema.required = schema.required.filter(one => one !== 'datacenter')
  }
}

function refuse(status: number, code: string, message: string): never {
  throw new Refusal(status, code, message)
}

/** `a=b,c`: labels that are so, or are there. */
function selects(selector: string | null, has: Record<string, string>): boolean {
  return (selector ?? '').split(',').every(term => {
    const [key = '', value] = term.split(/==?/)
    return key === '' || (value === undefined ? key in has : has[key] === value)
  })
}

function paged(key: string, all: readonly unknown[], query: URLSearchParams): Answer {
  const perPage = Math.min(Number(query.get('per_page') ?? 25), 50)
  const page = Number(query.get('page') ?? 1)
  const last = Math.max(1, Math.ceil(all.length / perPage))
  const pagination = {
    page,
    per_page: perPage,
    previous_page: page > 1 ? page - 1 : null,
    next_page: page < last ? page + 1 : null,
    last_page: last,
    total_entries: all.length,
  }
  return { status: 200, body: { [key]: all.slice((page - 1) * perPage, page * perPage), meta: { pagination } } }
}

const money = (gross: string) => ({ gross, net: gross })

function shownType({ gross, at, ...type }: (typeof types)[number]): Json {
  const price = {
    price_hourly: money('0.0070000000'),
    price_monthly: money(gross),
    price_per_tb_traffic: money('1.1900000000'),
  }
  return {
    ...type,
    description: type.name,
    cpu_type: 'shared',
    storage_type: 'local',
    deprecated: false,
    locations: at.map((name, id) => ({ id, name, deprecation: null })),
    prices: at.map(location => ({ location, included_traffic: 21_990_232_555_520, ...price })),
  }
}

function shown({ id, name, status, type, location, labels: has }: Server): Json {
  return {
    id,
    name,
    status,
    labels: has,
    backup_window: null,
    created: '2026-11-01T10:00:00Z',
    image: null,
    included_traffic: 0,
    ingoing_traffic: null,
    outgoing_traffic: null,
    iso: null,
    locked: status === 'deleting' || status === 'rebuilding',
    location: locations.find(known => known.name === location),
    primary_disk_size: 40,
    private_net: [],
    protection: { delete: false, rebuild: false },
    public_net: {
      floating_ips: [],
      ipv4: { id, ip: `203.0.113.${id % 256}`, blocked: false, dns_ptr: 'static.example' },
      ipv6: { id, ip: `2001:db8:${id.toString(16)}::/64`, blocked: false, dns_ptr: [] },
    },
    rescue_enabled: false,
    server_type: shownType(types.find(known => known.name === type) as (typeof types)[number]),
  }
}

function shownImage({ id, labels: has, from, readyAt }: Image): Json {
  return {
    id,
    type: 'snapshot',
    status: Date.now() >= readyAt ? 'available' : 'creating',
    labels: has,
    architecture: 'x86',
    bound_to: null,
    created: '2026-11-01T10:00:00Z',
    created_from: { id: from.id, name: from.name },
    deleted: null,
    deprecated: null,
    description: 'a snapshot',
    disk_size: 40,
    image_size: null,
    name: null,
    os_flavor: 'ubuntu',
    os_version: '24.04',
    protection: { delete: false },
  }
}
