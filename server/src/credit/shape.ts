import type { TopUp } from '@spoq/contracts/credit'
import type { TopUpRow } from '../db/tables.ts'

export function toTopUp(row: TopUpRow): TopUp {
  const { id, cents, method, chain, state, note, url, address, coins, expires_at, created_at } = row
  // What is over is not to be paid any more.
  const where = state === 'waiting' ? { url, address, coins } : { url: null, address: null, coins: null }
  const times = { expiresAt: expires_at.toISOString(), createdAt: created_at.toISOString() }
  return { id, cents, method, chain, state, note, ...where, ...times }
}
