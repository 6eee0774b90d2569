// Calls of models on our own keys: `/model/VENDOR/…` is the vendor's API, for machines of accounts that have turned it on. Money
// is set aside before a call for all that it may cost, and what it did cost is taken when it has ended. No key of ours leaves this
// process but to its vendor.

import { SpoqError } from '@spoq/contracts/problem'
import { type ModelPrice, type Tokens, tablePrice } from '@spoq/kit/model-price'
import { sql, type Transaction } from 'kysely'
import { newId } from '../db/new-id.ts'
import type { Tables } from '../db/tables.ts'
import { hold } from '../ledger/hold.ts'
import { post } from '../ledger/post.ts'
import { release } from '../ledger/release.ts'
import { customer } from '../ledger/shape.ts'
import { textOf } from '../log.ts'
import { findMachine } from '../machine/store.ts'
import { mostTokens, priced } from './estimate.ts'
import { type CreditKey, callMs, type ModelCreditPorts, monthOf } from './ports.ts'
import { beginCall, endCall, findCredit, spentSince } from './store.ts'
import { readToken } from './token.ts'
import { type Call, type Meter, type RelayedVendor, relayed } from './vendor.ts'

export const relayPath = '/model/'

class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

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
  const begun = await begin(ports, asker, vendor, asked, price)
  const ended = new AbortController()
  const patience = AbortSignal.any([AbortSignal.timeout(callMs - 60_000), request.signal, ended.signal])
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
  const meter = vendor.meter()
  const [toMachine, work] = metered(answer.body, meter, seen => begun.end(meter.tokens() ?? seen))
  calling.running(work)
  return new Response(toMachine, { status: answer.status, headers: passing(answer.headers) })
}

/** Sets aside all that a call may cost. @throws Refused where that is not there. */
async function begin(ports: ModelCreditPorts, asker: Asker, vendor: RelayedVendor, asked: Call, price: ModelPrice) {
  const { db, ledger, now, log } = ports
  const { account, machine, budgetMicros } = asker
  const most = mostTokens(asked.body, asked.maxOutputTokens)
  const heldMicros = Math.max(1, priced(price, most))
  const id = newId('call')
  const from = customer(account)
  const held = await db.transaction().execute(async trx => {
    if (budgetMicros !== null) await assertBudget(trx, account, heldMicros, budgetMicros, now())
    const money = { key: `model:${id}`, account: from, amount: BigInt(heldMicros), forMs: callMs }
    const set = await hold(ledger, money, trx).catch(short)
    await beginCall(trx, { id, account, machine, vendor: vendor.name, model: asked.model, heldMicros }, now())
    return set
  })

  const take = (micros: number) => {
    const lines = [
      { account: from, amount: -BigInt(micros) },
      { account: 'usage', amount: BigInt(micros) },
    ]
    return post(ledger, {
      key: `model:${id}`,
      kind: 'model',
      captures: held.hold,
      lines,
      note: `${vendor.name}/${asked.model}`,
    })
  }
  /** More than was set aside, and more than is there: what was set aside is ours. */
  async function takeOrLess(cost: number): Promise<number> {
    try {
      await take(cost)
      return cost
    } catch (error) {
      if (!(error instanceof SpoqError && error.code === 'credit_short')) throw error
      log('warn', 'model-credit.short', { call: id, cost, held: heldMicros })
      await take(Math.min(cost, heldMicros))
      return Math.min(cost, heldMicros)
    }
  }
  /** Takes what it did cost; null: it cost nothing. */
  async function end(tokens: Tokens | null): Promise<void> {
    const cost = tokens ? priced(price, tokens) : 0
    const taken = cost === 0 ? 0 : await takeOrLess(cost)
    if (cost === 0) await release(ledger, held.hold)
    const {
      inputTokens: input,
      cachedTokens: cached = 0,
      outputTokens: output,
    } = tokens ?? { inputTokens: 0, outputTokens: 0 }
    await endCall(db, id, { input, cached, output, cost: taken }, now())
  }
  return { end }
}

/** Calls of an account are begun one after the other, so that they do not pass its budget together. */
async function assertBudget(trx: Transaction<Tables>, account: string, micros: number, most: number, now: number) {
  await sql`SELECT pg_advisory_xact_lock(hashtext('model.budget'), hashtext(${account}))`.execute(trx)
  const spent = await spentSince(trx, account, monthOf(now), new Date(now - callMs))
  if (spent + micros > most)
    throw new Refused(402, 'The budget of this month does not allow it: spoq model credit on --budget DOLLARS.')
}

function short(error: unknown): never {
  if (error instanceof SpoqError && error.code === 'credit_short')
    throw new Refused(402, 'Your Spoq credit does not reach for this: spoq credit top-up 20.')
  throw error
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

/** The answer as it passes by, and what goes on beside it: at its end, however that comes, `end` is told what was seen. */
function metered(
  body: ReadableStream<Uint8Array>,
  meter: Meter,
  end: (seen: Tokens) => Promise<void>,
): [ReadableStream<Uint8Array>, Promise<void>] {
  const decoder = new TextDecoder()
  let rest = ''
  let bytes = 0
  let finished: () => void = () => {}
  const over = new Promise<void>(resolve => {
    finished = resolve
  })
  const see = (text: string) => {
    rest += text
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('data:')) meter.see(jsonOf(line.slice(5)))
  }
  const reader = body.getReader()
  const passing = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) {
          bytes += value.byteLength
          see(decoder.decode(value, { stream: true }))
          return controller.enqueue(value)
        }
        meter.see(jsonOf(rest))
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      finished()
    },
    async cancel() {
      finished()
      await reader.cancel().catch(() => {})
    },
  })
  // Cut off before the vendor counted: what has passed by, at a token for four bytes.
  return [passing, over.then(() => end({ inputTokens: 0, outputTokens: Math.ceil(bytes / 4) }))]
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
