import { createHash } from 'node:crypto'
import type { Chain, TopUp } from '@spoq/contracts/credit'
import { SpoqError } from '@spoq/contracts/problem'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { newId } from '../db/new-id.ts'
import type { NewTopUpRow, TopUpChange, TopUpRow } from '../db/tables.ts'
import { openCard } from './card.ts'
import { openCrypto } from './crypto.ts'
import type { CreditPorts } from './ports.ts'
import { toTopUp } from './shape.ts'
import { changeWhile, countWaiting, putTopUp } from './store.ts'

export interface Wish {
  cents: number
  method: 'card' | 'crypto'
  chain?: Chain | undefined
}

/** So long it can be paid; of coins they say it themselves. */
const openMs = { card: 86_400_000, crypto: 900_000 } as const

/**
 * Begins to buy credit: answers where it is paid. With the same key it is one, also after a lost answer.
 * @throws SpoqError `billing_off`, `chain_unavailable`, `email_unverified`, `idempotency_mismatch`, `rate_limited`, `billing_unavailable`.
 */
export async function topUp(ports: CreditPorts, asker: Asker, wish: Wish, key: string | undefined): Promise<TopUp> {
  assertSold(ports, wish)
  if (!(await ports.isVerified(asker.account))) throw new SpoqError('email_unverified')
  const row = await begun(ports, asker, wish, key)
  // Nobody knows of an address whose answer was lost, until it is asked for again.
  if (row.state !== 'waiting' || row.reference !== null) return toTopUp(row)
  return toTopUp(await opened(ports, row))
}

function assertSold({ stripe, coinpay }: CreditPorts, { method, chain }: Wish): void {
  if (method === 'card' && !stripe) throw new SpoqError('billing_off')
  if (method === 'crypto' && !coinpay) throw new SpoqError('billing_off', { message: 'This server takes no coins.' })
  if ((method === 'crypto') === (chain !== undefined)) return
  throw new SpoqError('invalid_request', { message: 'A chain is needed with crypto, and with nothing else.' })
}

/** So many of an account can wait at once: each is one at the payer's too. */
const mostWaiting = 20

const tooMany = () =>
  new SpoqError('rate_limited', {
    message: `${mostWaiting} top-ups wait to be paid already.`,
    next: 'Pay one of them, or wait until they are over.',
    retryAfter: 900,
  })

/** Its row, before anybody is asked for anything. */
async function begun(ports: CreditPorts, asker: Asker, wish: Wish, key = newId('key')): Promise<TopUpRow> {
  const now = ports.now()
  const fresh = newTopUp({ ...wish, account: asker.account, asker, key, openMs: openMs[wish.method] }, now)
  return ports.db.transaction().execute(async trx => {
    const row = await putTopUp(trx, fresh)
    if (row.request_hash !== fresh.request_hash) throw new SpoqError('idempotency_mismatch')
    if (row.id === fresh.id) {
      if ((await countWaiting(trx, asker.account)) > mostWaiting) throw tooMany()
      const to = `${wish.cents} cents by ${wish.chain ?? wish.method}`
      await record(trx, { ...askedBy(asker), action: 'credit.begin', resource: row.id, to }, now)
    }
    return row
  })
}

interface New {
  account: string
  asker: Asker
  method: TopUp['method']
  cents: number
  chain?: Chain | undefined
  key: string
  openMs: number
}

export function newTopUp({ account, asker, method, cents, chain, key, openMs }: New, now: number): NewTopUpRow {
  const request = JSON.stringify([account, method, chain ?? null, cents])
  return {
    id: newId('topup'),
    ...{ account_id: account, asked_by: asker.account, idem_key: key, method, cents, chain: chain ?? null },
    request_hash: createHash('sha256').update(request).digest('hex'),
    state: 'waiting',
    expires_at: new Date(now + openMs),
    next_at: new Date(now + openMs),
    ...{ created_at: new Date(now), updated_at: new Date(now) },
  }
}

/** Asks for where it is paid; the row's id is the key, so that there is one for however many ask. */
async function opened(ports: CreditPorts, row: TopUpRow): Promise<TopUpRow> {
  const place: TopUpChange = row.method === 'card' ? await openCard(ports, row) : await openCrypto(ports, row)
  return changeWhile(ports.db, row, place, ports.now())
}
