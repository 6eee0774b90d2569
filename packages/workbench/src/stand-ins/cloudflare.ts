// A stand-in for the DNS half of Cloudflare's API: the records of one zone, of ours and of others.

import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import * as z from 'zod'
import { Refusal, type RestApi, type Route, startRestApi } from './rest-api.ts'

export interface Cloudflare extends RestApi {
  token: string
  zoneId: string
  /** `TYPE name content`, in order. */
  records(): string[]
  /** Puts a record of somebody else there. */
  strange(type: 'A' | 'AAAA' | 'CNAME' | 'TXT', name: string, content: string): void
}

interface Entry {
  id: string
  type: string
  name: string
  content: string
  ttl: number
  proxied: boolean
  comment?: string | undefined
}

const body = z
  .strictObject({
    type: z.enum(['A', 'AAAA']),
    name: z.string().regex(/^[a-z0-9.-]{1,253}$/),
    content: z.string(),
    ttl: z.union([z.literal(1), z.number().int().min(60).max(86_400)]),
    proxied: z.boolean(),
    comment: z.string().max(100),
  })
  .refine(({ type, content }) => isIP(content) === (type === 'A' ? 4 : 6), 'content is no address of this type')
  .refine(({ proxied, ttl }) => !proxied || ttl === 1, 'a proxied record has the automatic ttl')

export async function startCloudflare({ perPage = 100 }: { perPage?: number } = {}): Promise<Cloudflare> {
  const token = randomBytes(20).toString('hex')
  const zoneId = randomBytes(16).toString('hex')
  const entries = new Map<string, Entry>()
  const records = `/zones/${zoneId}/dns_records`

  const known = (id: string | undefined) => entries.get(id ?? '') ?? refuse(404, 81_044, 'Record does not exist.')
  function put(entry: Entry): Entry {
    const others = [...entries.values()].filter(({ id, name }) => id !== entry.id && name === entry.name)
    if (others.some(({ type, content }) => type === entry.type && content === entry.content))
      refuse(400, 81_058, 'An identical record already exists.')
    if (others.some(({ type }) => type === 'CNAME' || entry.type === 'CNAME'))
      refuse(400, 81_053, 'An A, AAAA, or CNAME record with that host already exists.')
    entries.set(entry.id, entry)
    return entry
  }

  const routes: Route[] = [
    {
      method: 'GET',
      path: records,
      query: ['name.exact', 'comment.exact', 'page', 'per_page'],
      answer: ({ query }) => {
        const [name, comment] = [query.get('name.exact'), query.get('comment.exact')]
        const found = [...entries.values()].filter(
          entry => (name === null || entry.name === name) && (comment === null || entry.comment === comment),
        )
        const size = Math.min(Number(query.get('per_page') ?? 100), perPage)
        const page = Number(query.get('page') ?? 1)
        const info = { page, per_page: size, count: found.length, total_count: found.length }
        return {
          status: 200,
          body: {
            ...ok(found.slice((page - 1) * size, page * size).map(shown)),
            result_info: { ...info, total_pages: Math.ceil(found.length / size) },
          },
        }
      },
    },
    {
      method: 'POST',
      path: records,
      body,
      answer: call => {
        const id = randomBytes(16).toString('hex')
        return { status: 200, body: ok(shown(put({ id, ...body.parse(call.body) }))) }
      },
    },
    {
      method: 'PUT',
      path: `${records}/{id}`,
      body,
      answer: call => {
        const { id } = known(call.params.id)
        return { status: 200, body: ok(shown(put({ id, ...body.parse(call.body) }))) }
      },
    },
    {
      method: 'DELETE',
      path: `${records}/{id}`,
      answer: ({ params }) => {
        const { id } = known(params.id)
        entries.delete(id)
        return { status: 200, body: ok({ id }) }
      },
    },
  ]
  const api = await startRestApi({
    document: 'cloudflare-dns',
    base: '/client/v4',
    allows: headers => headers.authorization === `Bearer ${token}`,
    error: (_, code, message) => ({
      success: false,
      errors: [{ code: Number(code) || 10_000, message }],
      messages: [],
      result: null,
    }),
    routes,
  })
  return {
    ...api,
    token,
    zoneId,
    records: () => [...entries.values()].map(({ type, name, content }) => `${type} ${name} ${content}`).sort(),
    strange: (type, name, content) => {
      const id = randomBytes(16).toString('hex')
      entries.set(id, { id, type, name, content, ttl: 1, proxied: false })
    },
  }
}

function refuse(status: number, code: number, message: string): never {
  throw new Refusal(status, String(code), message)
}

const ok = (result: unknown) => ({ success: true, errors: [], messages: [], result })

function shown(entry: Entry): object {
  const at = '2026-11-01T10:00:00Z'
  const { comment, ...rest } = entry
  return {
    ...rest,
    ...(comment === undefined ? {} : { comment }),
    created_on: at,
    modified_on: at,
    proxiable: true,
    meta: {},
    settings: {},
    tags: [],
  }
}
