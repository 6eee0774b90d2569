// What a payment in coins comes to. Pure: what it is there, what was ordered, what was told, and the time.

import type { Chain } from '@spoq/contracts/credit'
import type { CoinPayment } from '../coinpay/open.ts'
import type { TopUpRow } from '../db/tables.ts'
import type { Outcome } from './settle.ts'

/** So many confirmations are enough for us, whatever they take for enough. */
export const confirmationsNeeded: Record<Chain, number> = { BTC: 3, BCH: 6, ETH: 12, POL: 128, SOL: 32 }

/** So long after its window a payment is waited for. */
export const patienceMs = 3_600_000

export type Ordered = Pick<TopUpRow, 'state' | 'cents' | 'chain' | 'coins' | 'expires_at'>

/** Null: it is waited for. `told`: how many coins their messages say came; only a doubt comes from that, never credit. */
export function judge(ordered: Ordered, there: CoinPayment, told: readonly string[], now: number): Outcome | null {
  const isOver = now >= ordered.expires_at.getTime() + patienceMs
  if (there.status === 'pending') return isOver ? { state: 'expired' } : null
  if (there.status === 'expired' || there.status === 'failed') return { state: there.status }
  // From here on somebody sent something.
  const doubt = doubtOf(ordered, there)
  if (doubt) return { state: 'review', note: doubt }
  const came = compared(told, ordered.coins ?? '0')
  if (!isConfirmed(ordered, there)) {
    const note = came?.isLess ? came.words : 'something came, but was not confirmed within an hour'
    return isOver ? { state: 'review', note } : null
  }
  if (!came || came.isSame) return { state: 'paid' }
  return came.isLess ? { state: 'review', note: came.words } : { state: 'paid', note: came.words }
}

function doubtOf({ state, cents, chain, coins }: Ordered, there: CoinPayment): string | null {
  if (state !== 'waiting') return 'it was paid too late'
  if (there.currency.toUpperCase() !== 'USD') return `it is in ${there.currency}, not in dollars`
  if (there.blockchain !== chain) return `it was paid in ${there.blockchain}, not in ${chain}`
  if (Math.abs(Number(there.amount) * 100 - cents) > 1e-6) return `it is about $${there.amount}`
  return atoms(there.crypto_amount) === atoms(coins ?? '0') ? null : `it asks for ${there.crypto_amount} coins`
}

function isConfirmed({ chain }: Ordered, { status, confirmations }: CoinPayment): boolean {
  const isSaid = status === 'confirmed' || status === 'forwarded'
  return isSaid && chain !== null && (confirmations ?? 0) >= confirmationsNeeded[chain]
}

/** The most that was told, beside what was asked for; null: nothing was told. */
function compared(told: readonly string[], asked: string) {
  const most = told.toSorted((a, b) => (atoms(a) < atoms(b) ? -1 : 1)).at(-1)
  if (most === undefined) return null
  const [came, needed] = [atoms(most), atoms(asked)]
  const words = `${most} coins came, and ${asked} were asked for`
  return { isSame: came === needed, isLess: came < needed, words }
}

/** A decimal of up to 18 places, whole. */
function atoms(coins: string): bigint {
  const [whole = '0', part = ''] = coins.split('.')
  return BigInt(`${whole}${part.slice(0, 18).padEnd(18, '0')}`)
}
