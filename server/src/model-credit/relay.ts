// Calls of models on our own keys: `/model/VENDOR/…` is the vendor's API, for machines of accounts that have turned it on. Money
// is set aside before a call for all that it may cost, and what it did cost is taken when it has ended. No key of ours leaves this
// process but to its vendor.

import { tablePrice } from '@spoq/kit/model-price'
import { textOf } from '../log.ts'
import { findMachine } from '../machine/store.ts'
import { metered } from './metered.ts'
import { begin } from './pay.ts'
import { type CreditKey, callMs, type ModelCreditPorts } from './ports.ts'
import { Refused } from './refused.ts'
import { findCredit } from './store.ts'
import { readToken } from './token.ts'
import { type RelayedVendor, relayed } from './vendor.ts'

export const relayPath = '/model/'

/** Answers a call; null: the path is none of these. `running`: what goes on after the answer has begun. */
export async function relay(
  ports: ModelCreditPorts,
  request: Request,
  running: (work: Promise<void>) => void,
): Promise<Response | null> {
  const { pathname } = new URL(request.url)
  const vendor = relayed.find(({ name }) => pathname.startsWith(`${relayPath}${name}/`))
  const own = vendor && ports.keys.get(vendor.name)
  if (!vendor || !own) return null
  const path = pathname.slice(relayPath.length + vendor.name.length)
  try {
    const asker = await askerOf(ports, vendor, request)
    if (request.method === 'GET' && path === vendor.listPath) return await list(ports, vendor, own)
    if (request.method !== 'POST' || path !== vendor.callPath) throw new Refused(404, 'This is not had on Spoq credit.')
    return await call(ports, { vendor, own, asker, request, running })
  } catch (error) {
    if (error instanceof Refused)
      return Response.json(vendor.refusal(error.status, error.message), { status: error.status })
    ports.log('error', 'model-credit.failed', { vendor: vendor.name, error: textOf(error) })
    return Response.json(vendor.refusal(503, 'Spoq credit does not answer just now.'), { status: 503 })
  }
}

interface Asker {
  account: string
  machine: string
  budgetMicros: number | null
}

/** Whose machine asks. */
async function askerOf({ db, tokenKey }: ModelCreditPorts, vendor: RelayedVendor, request: Request): Promise<Asker> {
  const holder = readToken(tokenKey, vendor.tokenOf(name => request.headers.get(name)) ?? '')
  const row = holder && (await findMachine(db, holder.machine))
  if (!holder || !row?.account_id || row.state === 'terminated')
    throw new Refused(401, 'This is no token of a machine.')
  const credit = await findCredit(db, row.account_id)
  if (!credit?.is_on || credit.generation !== holder.generation)
    throw new Refused(403, 'Spoq credit is off for models: spoq model credit on.')
  const budgetMicros = credit.budget_cents === null ? null : credit.budget_cents * 10_000
  return { account: row.account_id, machine: row.id, budgetMicros }
}

/** Costs nothing, and shows that the token is good. */
async function list({ fetch }: ModelCreditPorts, vendor: RelayedVendor, { key, url }: CreditKey): Promise<Response> {
  const answer = await fetch(`${url}${vendor.listPath}?limit=1`, { headers: vendor.headers(key), redirect: 'error' })
  await answer.arrayBuffer()
  return Response.json({ data: [], object: 'list', has_more: false }, { status: answer.ok ? 200 : 503 })
}

interface Calling {
  vendor: RelayedVendor
  own: CreditKey
  asker: Asker
  request: Request
  running: (work: Promise<void>) => void
}

async function call(ports: ModelCreditPorts, calling: Calling): Promise<Response> {
  const { vendor, own, asker, request } = calling
  const asked = vendor.read(await request.json().catch(() => null))
  if (!asked) throw new Refused(400, 'This is no call that can be had on Spoq credit.')
  const price = tablePrice(`${vendor.name}/${asked.model}`)
  if (!price) throw new Refused(404, `model: ${asked.model} is not had on Spoq credit, as its price is not known`)
  const begun = await begin(ports, { ...asker, vendor: vendor.name, asked, price })
  const patience = AbortSignal.any([AbortSignal.timeout(callMs - 60_000), request.signal])
  const answer = await ports
    .fetch(`${own.url}${vendor.callPath}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...vendor.headers(own.key) },
      body: JSON.stringify(asked.body),
      signal: patience,
      redirect: 'error',
    })
    .catch(async error => {
      await begun.end(null)
      throw error
    })
  if (!answer.ok || !answer.body) {
    await begun.end(null)
    return passed(vendor, answer)
  }
  const [toMachine, work] = metered(answer.body, vendor.meter(), patience, begun.end)
  calling.running(work)
  return new Response(toMachine, { status: answer.status, headers: passing(answer.headers) })
}

/** The vendor's own words, but for what is between it and us. */
async function passed(vendor: RelayedVendor, answer: Response): Promise<Response> {
  if (answer.status === 401 || answer.status === 403)
    throw new Error(`${vendor.name} does not take our key: ${answer.status}`)
  const body = await answer.text()
  return new Response(body, { status: answer.status, headers: passing(answer.headers) })
}

function passing(headers: Headers): Headers {
  const kept = ['content-type', 'retry-after', 'request-id', 'x-request-id']
  return new Headers(
    kept.flatMap(name => (headers.has(name) ? [[name, headers.get(name) ?? '']] : []) as [string, string][]),
  )
}
