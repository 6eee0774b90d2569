// Names at Cloudflare (API v4, DNS records of one zone). They are not proxied: SSH does not pass its proxy.

import * as z from 'zod/mini'
import { ProviderError } from '../provider.ts'
import { type Api, openApi } from '../shared/api.ts'
import { unlessGone } from '../shared/gone.ts'
import { everyPage } from '../shared/pages.ts'
import { type Patience, usualPatience } from '../shared/patience.ts'
import { takingTurns } from '../shared/take-turns.ts'
import type { Addresses, Zone } from './zone.ts'

export interface CloudflareOptions {
  /** With the right to edit the DNS of the zone (CLOUDFLARE_API_TOKEN). */
  token: string
  zoneId: string
  /** Default: https://api.cloudflare.com/client/v4 */
  url?: string | undefined
  /** Our records are known by it: several Spoqs may share a zone. */
  installation: string
  now: () => number
  patience?: Patience
}

/** Seconds that resolvers may remember an address: a machine that was moved is found soon. The least that there is. */
const ttl = 60

const record = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  content: z.optional(z.string()),
  comment: z.optional(z.nullable(z.string())),
})
type Record = z.infer<typeof record>
const page = z.object({ result: z.array(record), result_info: z.optional(z.object({ total_pages: z.number() })) })

export function cloudflareZone(options: CloudflareOptions): Zone {
  const { token, zoneId, installation, url = 'https://api.cloudflare.com/client/v4', now } = options
  const { answerMs } = options.patience ?? usualPatience
  const api = openApi({
    service: 'Cloudflare',
    url,
    keyName: 'CLOUDFLARE_API_TOKEN',
    authorize: async () => ({ authorization: `Bearer ${token}` }),
    explain: firstError,
    now,
    timeoutMs: answerMs,
  })
  const records = `/zones/${zoneId}/dns_records`
  const comment = `spoq:${installation}`
  const inTurn = takingTurns()
  const ofName = (name: string) => listed(api, records, { 'name.exact': name })

  async function publish(name: string, addresses: Addresses): Promise<void> {
    const there = await ofName(name)
    const foreign = there.find(one => isAddress(one) && one.comment !== comment)
    if (foreign)
      throw new ProviderError('refused', `At Cloudflare ${name} has a record (${foreign.type}) that is not Spoq's.`)
    const wanted = wantedOf(addresses)
    for (const { type, content } of wanted) {
      const [same, ...more] = there.filter(one => one.type === type)
      const body = { type, name, content, ttl, proxied: false, comment }
      if (!same) await alreadyIsFine(api.tell('POST', records, { body }))
      else if (same.content !== content) await api.tell('PUT', `${records}/${same.id}`, { body })
      for (const { id } of more) await unlessGone(api.tell('DELETE', `${records}/${id}`))
    }
    const types = wanted.map(({ type }) => type)
    for (const { id, type } of there.filter(isAddress))
      if (!types.includes(type)) await unlessGone(api.tell('DELETE', `${records}/${id}`))
  }

  async function withdraw(name: string): Promise<void> {
    for (const one of await ofName(name))
      if (isAddress(one) && one.comment === comment) await unlessGone(api.tell('DELETE', `${records}/${one.id}`))
  }

  return {
    publish: (name, addresses) => inTurn(name, () => publish(name, addresses)),
    withdraw: name => inTurn(name, () => withdraw(name)),
    list: async () => addressesOf(await listed(api, records, { 'comment.exact': comment })),
  }
}

async function listed(api: Api, path: string, query: { [key: string]: string }): Promise<Record[]> {
  return everyPage(1, async number => {
    const answer = await api.ask(page, 'GET', path, { query: { ...query, page: number, per_page: 100 } })
    return { items: answer.result, next: number < (answer.result_info?.total_pages ?? 1) ? number + 1 : null }
  })
}

/** What stands where our addresses would stand, or instead of them. */
const isAddress = ({ type }: Record) => type === 'A' || type === 'AAAA' || type === 'CNAME'

function wantedOf({ v4, v6 }: Addresses) {
  return [
    ...(v4 === undefined ? [] : [{ type: 'A', content: v4 }]),
    ...(v6 === undefined ? [] : [{ type: 'AAAA', content: v6 }]),
  ]
}

function addressesOf(records: readonly Record[]): Map<string, Addresses> {
  const all = new Map<string, Addresses>()
  for (const { name, type, content } of records) {
    if (content === undefined) continue
    if (type === 'A') all.set(name, { ...all.get(name), v4: content })
    if (type === 'AAAA') all.set(name, { ...all.get(name), v6: content })
  }
  return all
}

/** 81058: this very record is there already, by a request whose answer was lost. */
async function alreadyIsFine(work: Promise<void>): Promise<void> {
  await work.catch(error => {
    if (!(error instanceof ProviderError && error.message.includes('81058'))) throw error
  })
}

/** Cloudflare's errors have a number, which is told as well: its words change. */
function firstError(body: unknown): { code?: string; message?: string } {
  const first = (body as { errors?: { code?: number; message?: string }[] } | undefined)?.errors?.[0]
  return first ? { code: String(first.code), message: `${first.message} (${first.code})` } : {}
}
