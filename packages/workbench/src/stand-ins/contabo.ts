// A stand-in for Contabo's API: tokens by the password grant, a request id on each call, instances that take a while to be
// installed and are never deleted but cancelled, snapshots, secrets. Servers may be put into any status by the test.

import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { Json } from '../official/schema.ts'
import { type Answer, type Call, Refusal, type RestApi, type Route, startRestApi } from './rest-api.ts'

export interface ContaboCloud extends RestApi {
  key: { clientId: string; clientSecret: string; user: string; password: string }
  secrets: readonly string[]
  /** Instances that are there, of whomever, by id. */
  instances: ReadonlyMap<number, Instance>
  /** How many were ever ordered. */
  ordered: () => number
  /** How many tokens were ever given. */
  tokens: () => number
  /** No token that was given so far is taken any more. */
  revoke(): void
  /** What is in the store of secrets now, and was ever asked to be a password. */
  kept: ReadonlyMap<number, { name: string; value: string }>
  passwords: string[]
  /** Puts an instance of somebody else there. */
  strange(displayName: string): number
  /** Puts an instance into a status in which it stays. */
  put(id: number, status: string): void
  /** What the next order comes to instead of being installed. */
  comesTo: string | undefined
}

export interface Instance {
  id: number
  displayName: string
  status: string
  productId: string
  region: string
  userData: string | undefined
  cancelDate: string
  /** Raised by one whenever its disk is begun anew. */
  installs: number
  snapshots: { id: string; name: string; description: string }[]
  /** What it becomes, one after the other, each after a step. */
  next: string[]
  at: number
}

const regions = ['EU', 'US-central', 'US-east', 'US-west', 'SIN', 'UK', 'AUS', 'JPN', 'IND']
const createBody = z.strictObject({
  imageId: z.string(),
  productId: z.string(),
  region: z.string(),
  period: z.union([z.literal(1), z.literal(3), z.literal(6), z.literal(12)]),
  displayName: z.string().max(255),
  userData: z.string().startsWith('#cloud-config\n').optional(),
})
const reinstallBody = z.strictObject({
  imageId: z.string(),
  userData: z.string().startsWith('#cloud-config\n').optional(),
})
const secretBody = z.strictObject({
  name: z.string().min(1).max(255),
  type: z.enum(['password', 'ssh']),
  value: z.string().regex(/^(?=.*[A-Z])(?=.*[a-z])(?=(.*\d){3})(?=.*[!@#$^&*?_~]).{8,}$/),
})
const tokenBody = z.strictObject({
  grant_type: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  username: z.string(),
  password: z.string(),
})

const images = ['ubuntu-22.04', 'ubuntu-24.04-plesk', 'ubuntu-24.04'].map((name, at) => ({
  imageId: `00000000-0000-4000-8000-00000000000${at}`,
  name,
}))
const paging = ['page', 'size']
const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** Starts one; each change of an instance's status takes `stepMs`, a token lives for `tokenSeconds`. */
export async function startContabo({ stepMs = 20, tokenSeconds = 300 } = {}): Promise<ContaboCloud> {
  const random = () => randomBytes(16).toString('hex')
  const key = {
    clientId: `DE-${random()}`,
    clientSecret: random(),
    user: `${random()}@spoq.example`,
    password: random(),
  }
  const instances = new Map<number, Instance>()
  const kept = new Map<number, { name: string; value: string }>()
  const passwords: string[] = []
  const tokens = new Map<string, number>()
  const seen = new Set<string>()
  let lastId = 200_000
  let orders = 0
  let grants = 0

  const alive = () => {
    for (const one of instances.values())
      while (one.next.length > 0 && Date.now() >= one.at) {
        one.status = String(one.next.shift())
        one.at += stepMs
      }
    return instances
  }
  const becomes = (instance: Instance, ...next: string[]) => Object.assign(instance, { next, at: Date.now() + stepMs })
  const one = ({ params }: Call): Instance =>
    alive().get(Number(params.id)) ?? refuse(404, `Instance ${params.id} not found`)
  /** One that nothing else is being done with. */
  const idle = (call: Call): Instance => {
    const instance = one(call)
    return ['running', 'stopped', 'error'].includes(instance.status)
      ? instance
      : refuse(409, `Instance is ${instance.status}`)
  }
  const imageOf = (id: string) => images.find(({ imageId }) => imageId === id) ?? refuse(400, 'imageId is unknown')

  function put(displayName: string, productId: string, region: string, userData?: string): Instance {
    const id = ++lastId
    const state = { status: 'running', cancelDate: '', installs: 1, snapshots: [], next: [], at: 0 }
    const instance: Instance = { id, displayName, productId, region, userData, ...state }
    instances.set(id, instance)
    return instance
  }

  function create({ body }: Call): Answer {
    const { imageId, productId, region, displayName, userData } = createBody.parse(body)
    if (!/^V(9[1-9]|10[0-7])$/.test(productId)) refuse(400, 'productId is unknown')
    if (!regions.includes(region)) refuse(400, `region must be one of ${regions}`)
    imageOf(imageId)
    const instance = put(displayName, productId, region, userData)
    instance.status = 'provisioning'
    becomes(instance, ...(cloud.comesTo ? [cloud.comesTo] : ['installing', 'running']))
    orders++
    const { tenantId, customerId, createdDate } = always
    const { id: instanceId, status } = instance
    const shownNow = { instanceId, status, imageId, productId, region, osType: 'Linux', addOns: [], sshKeys: [] }
    return single(201, { tenantId, customerId, createdDate, ...shownNow })
  }

  function acted(action: string, to?: string) {
    return (call: Call): Answer => {
      const instance = idle(call)
      if (to && instance.status !== to) becomes(instance, to)
      return single(201, { ...whose(instance), action })
    }
  }

  function reinstalled(call: Call): Answer {
    const instance = idle(call)
    const { imageId, userData } = call.body as { imageId: string; userData?: string }
    imageOf(imageId)
    Object.assign(instance, { status: 'installing', userData, installs: instance.installs + 1 })
    becomes(instance, 'running')
    return single(200, { ...whose(instance), createdDate: always.createdDate })
  }

  function cancelled(call: Call): Answer {
    const instance = one(call)
    if (instance.cancelDate) refuse(400, 'Instance is cancelled already')
    instance.cancelDate = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10)
    return single(201, { ...whose(instance), cancelDate: instance.cancelDate })
  }

  function granted({ body }: Call): Answer {
    const { grant_type, client_id, client_secret, username, password } = body as z.infer<typeof tokenBody>
    const wrong = (status: number, error: string, error_description: string) => ({
      status,
      body: { error, error_description },
    })
    if (client_id !== key.clientId || client_secret !== key.clientSecret)
      return wrong(401, 'unauthorized_client', 'Invalid client or Invalid client credentials')
    if (grant_type !== 'password') return wrong(400, 'unauthorized_client', 'Client not enabled for this grant')
    if (username !== key.user || password !== key.password)
      return wrong(401, 'invalid_grant', 'Invalid user credentials')
    const token = randomBytes(400).toString('base64url')
    tokens.set(token, Date.now() + tokenSeconds * 1_000)
    grants++
    return {
      status: 200,
      body: { access_token: token, expires_in: tokenSeconds, token_type: 'Bearer', scope: 'email' },
    }
  }

  const instancePath = '/v1/compute/instances/{id}'
  const routes: Route[] = [
    {
      method: 'POST',
      path: '/auth/realms/contabo/protocol/openid-connect/token',
      open: true,
      apart: true,
      body: tokenBody,
      answer: granted,
    },
    {
      method: 'GET',
      path: '/v1/compute/instances',
      query: paging,
      answer: ({ query }) => paged([...alive().values()].map(shown), query),
    },
    { method: 'POST', path: '/v1/compute/instances', body: createBody, answer: create },
    { method: 'GET', path: instancePath, answer: call => single(200, shown(one(call))) },
    { method: 'PUT', path: instancePath, body: reinstallBody, answer: reinstalled },
    {
      method: 'PATCH',
      path: instancePath,
      body: z.strictObject({ displayName: z.string().max(255) }),
      answer: call => {
        const instance = one(call)
        instance.displayName = (call.body as { displayName: string }).displayName
        return single(200, { ...whose(instance), createdDate: always.createdDate })
      },
    },
    { method: 'POST', path: `${instancePath}/cancel`, body: z.strictObject({}), answer: cancelled },
    { method: 'POST', path: `${instancePath}/actions/start`, answer: acted('start', 'running') },
    { method: 'POST', path: `${instancePath}/actions/stop`, answer: acted('stop', 'stopped') },
    { method: 'POST', path: `${instancePath}/actions/shutdown`, answer: acted('shutdown', 'stopped') },
    {
      method: 'POST',
      path: `${instancePath}/actions/resetPassword`,
      body: z.strictObject({ rootPassword: z.number() }),
      answer: call => {
        const instance = idle(call)
        const { rootPassword } = call.body as { rootPassword: number }
        passwords.push(kept.get(rootPassword)?.value ?? refuse(404, 'Secret not found'))
        const before = instance.status
        instance.status = 'reset_password'
        becomes(instance, before)
        return single(201, { ...whose(instance), action: 'resetPassword' })
      },
    },
    {
      method: 'GET',
      path: `${instancePath}/snapshots`,
      query: paging,
      answer: call => {
        const instance = one(call)
        return paged(
          instance.snapshots.map(snapshot => shownSnapshot(instance, snapshot)),
          call.query,
        )
      },
    },
    {
      method: 'POST',
      path: `${instancePath}/snapshots`,
      body: z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9 -]{1,30}$/),
        description: z.string().min(1).max(255),
      }),
      answer: call => {
        const instance = idle(call)
        const snapshot = { id: `snap${++lastId}`, ...(call.body as { name: string; description: string }) }
        instance.snapshots.push(snapshot)
        return single(201, shownSnapshot(instance, snapshot))
      },
    },
    {
      method: 'DELETE',
      path: `${instancePath}/snapshots/{snapshot}`,
      answer: call => {
        const { snapshots } = one(call)
        snapshots.splice(snapshotAt(snapshots, call), 1)
        return { status: 204 }
      },
    },
    {
      method: 'POST',
      path: `${instancePath}/snapshots/{snapshot}/rollback`,
      body: z.strictObject({}),
      answer: call => {
        const { snapshots } = idle(call)
        snapshots.splice(snapshotAt(snapshots, call) + 1)
        return { status: 200, body: { _links: { self: '' } } }
      },
    },
    {
      method: 'GET',
      path: '/v1/secrets',
      query: [...paging, 'name', 'type'],
      answer: ({ query }) => {
        const found = [...kept].filter(([, { name }]) => name.includes(query.get('name') ?? ''))
        return paged(
          found.map(([id, secret]) => shownSecret(id, secret)),
          query,
          { self: '' },
        )
      },
    },
    {
      method: 'POST',
      path: '/v1/secrets',
      body: secretBody,
      answer: ({ body }) => {
        const { name, value } = body as z.infer<typeof secretBody>
        kept.set(++lastId, { name, value })
        return single(201, shownSecret(lastId, { name, value }))
      },
    },
    {
      method: 'PATCH',
      path: '/v1/secrets/{id}',
      body: secretBody.pick({ value: true }),
      answer: ({ params, body }) => {
        const secret = kept.get(Number(params.id)) ?? refuse(404, 'Secret not found')
        Object.assign(secret, body)
        return { status: 200, body: { _links: { self: '' } } }
      },
    },
    {
      method: 'DELETE',
      path: '/v1/secrets/{id}',
      answer: ({ params }) => (kept.delete(Number(params.id)) ? { status: 204 } : refuse(404, 'Secret not found')),
    },
    {
      method: 'GET',
      path: '/v1/compute/images',
      query: [...paging, 'standardImage', 'name'],
      answer: ({ query }) =>
        paged(images.filter(({ name }) => name.includes(query.get('name') ?? '')).map(shownImage), query),
    },
    {
      method: 'GET',
      path: '/v1/data-centers',
      query: paging,
      answer: ({ query }) => paged(dataCenters, query),
    },
  ]

  const api = await startRestApi({
    document: 'contabo',
    amend: withDays,
    allows: headers => {
      const id = String(headers['x-request-id'])
      if (!version4.test(id)) refuse(400, 'x-request-id must be a UUID of version 4')
      if (seen.has(id)) refuse(400, 'x-request-id was used before')
      seen.add(id)
      return Date.now() < (tokens.get(String(headers.authorization).replace(/^Bearer /, '')) ?? 0)
    },
    error: (statusCode, _, message) => ({ statusCode, message }),
    routes,
  })
  const cloud: ContaboCloud = {
    ...api,
    key,
    secrets: [key.clientSecret, key.password],
    get instances() {
      return alive()
    },
    ordered: () => orders,
    tokens: () => grants,
    revoke: () => tokens.clear(),
    kept,
    passwords,
    strange: displayName => put(displayName, 'V92', 'EU').id,
    put: (id, status) => void Object.assign(instances.get(id) ?? {}, { status, next: [] }),
    comesTo: undefined,
  }
  return cloud
}

/** It has `yyyy-mm-dd` where a pattern belongs: its own example, `2021-06-03`, does not match it. */
function withDays(document: Json): void {
  const { schemas } = document.components as { schemas: Record<string, { properties?: { cancelDate?: Json } }> }
  for (const { properties } of Object.values(schemas)) delete properties?.cancelDate?.pattern
}

function refuse(status: number, message: string): never {
  throw new Refusal(status, String(status), message)
}

const links = { self: '', first: '', last: '' }
const single = (status: number, one: Json): Answer => ({ status, body: { data: [one], _links: { self: '' } } })

function paged(all: readonly unknown[], query: URLSearchParams, _links: Json = links): Answer {
  const size = Math.min(Number(query.get('size') ?? 10), 100)
  const page = Number(query.get('page') ?? 1)
  const pages = { size, page, totalElements: all.length, totalPages: Math.ceil(all.length / size) }
  return { status: 200, body: { data: all.slice((page - 1) * size, page * size), _pagination: pages, _links } }
}

function snapshotAt(snapshots: Instance['snapshots'], { params }: Call): number {
  const at = snapshots.findIndex(({ id }) => id === params.snapshot)
  return at < 0 ? refuse(404, 'Snapshot not found') : at
}

const always = { tenantId: 'DE', customerId: '54321', createdDate: '2026-11-01T10:00:00.000Z' }
const whose = ({ id }: Instance) => ({ tenantId: always.tenantId, customerId: always.customerId, instanceId: id })

const dataCenters = [
  {
    name: 'European Union 1',
    slug: 'EU1',
    regionName: 'European Union',
    regionSlug: 'EU',
    capabilities: ['VPS', 'VDS'],
  },
  { name: 'European Union 2', slug: 'EU2', regionName: 'European Union', regionSlug: 'EU', capabilities: ['VPS'] },
  {
    name: 'European Union 3',
    slug: 'EU3',
    regionName: 'European Union',
    regionSlug: 'EU',
    capabilities: ['Object-Storage'],
  },
  { name: 'Singapore 1', slug: 'SIN1', regionName: 'Asia (Singapore)', regionSlug: 'SIN', capabilities: ['VPS'] },
].map(one => ({ ...one, s3Url: 's3.contabo.example', tenantId: 'DE', customerId: '54321' }))

function shown(instance: Instance): Json {
  const { id, displayName, status, productId, region, cancelDate } = instance
  const isMade = status !== 'provisioning'
  return {
    ...always,
    additionalIps: [],
    name: `vmd${id}`,
    displayName,
    instanceId: id,
    dataCenter: 'European Union 1',
    region,
    regionName: 'European Union',
    productId,
    imageId: String(images[2]?.imageId),
    ipConfig: {
      v4: { ip: isMade ? `203.0.113.${id % 256}` : '', netmaskCidr: 24, gateway: isMade ? '203.0.113.1' : '' },
      v6: { ip: isMade ? `2001:db8:${(id % 65_536).toString(16)}::1` : '', netmaskCidr: 64, gateway: 'fe80::1' },
    },
    macAddress: '02:00:00:00:00:01',
    ramMb: 8_192,
    cpuCores: 4,
    osType: 'Linux',
    diskMb: 76_800,
    sshKeys: [],
    cancelDate,
    status,
    vHostId: 1,
    vHostNumber: 1,
    vHostName: 'm1000',
    addOns: [],
    ...(status === 'error' && { errorMessage: 'no space on the host' }),
    productType: 'nvme',
    productName: 'VPS 10 NVMe',
    defaultUser: 'admin',
    applicationId: '',
  }
}

function shownSnapshot(instance: Instance, { id, name, description }: Instance['snapshots'][number]): Json {
  return {
    ...whose(instance),
    snapshotId: id,
    name,
    description,
    createdDate: always.createdDate,
    autoDeleteDate: '2026-12-01T10:00:00.000Z',
    imageId: String(images[2]?.imageId),
    imageName: 'ubuntu-24.04',
  }
}

function shownSecret(secretId: number, { name, value }: { name: string; value: string }): Json {
  const { tenantId, customerId, createdDate } = always
  return {
    tenantId,
    customerId,
    secretId,
    name,
    type: 'password',
    value,
    createdAt: createdDate,
    updatedAt: createdDate,
  }
}

function shownImage({ imageId, name }: (typeof images)[number]): Json {
  const { tenantId, customerId, createdDate } = always
  return {
    imageId,
    tenantId,
    customerId,
    name,
    description: name,
    url: '',
    sizeMb: 2_000,
    uploadedSizeMb: 0,
    osType: 'Linux',
    version: '24.04',
    format: 'qcow2',
    status: 'downloaded',
    errorMessage: '',
    standardImage: true,
    creationDate: createdDate,
    lastModifiedDate: createdDate,
    tags: [],
  }
}
