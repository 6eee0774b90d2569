import { type Chain, chains } from '@spoq/contracts/credit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { confirmationsNeeded, judge, type Ordered, patienceMs } from './judge.ts'

const at = Date.UTC(2026, 0, 1)
const orderOf = (chain: Chain, more: Partial<Ordered> = {}): Ordered => ({
  ...{ state: 'waiting', cents: 2_500, chain, coins: '0.0005', expires_at: new Date(at), ...more },
})
const thereOf = (chain: string, more: object) => ({
  ...{ id: 'a', amount: 25, currency: 'USD', blockchain: chain, crypto_amount: '0.00050000', payment_address: 'x' },
  ...{ expires_at: new Date(at).toISOString(), status: 'confirmed', confirmations: 1_000, ...more },
})

/** Finds each of the conditions that is left out, and minimums that are taken for those of another chain. */
test('credit comes of nothing but just what was ordered, confirmed often enough, in time', () => {
  const statuses = ['pending', 'detected', 'confirmed', 'forwarding', 'forwarded', 'failed', 'expired', 'anything']
  const near = (needed: number) => fc.constantFrom(undefined, 0, needed - 1, needed, needed + 1)
  const cases = fc.constantFrom(...chains).chain(chain =>
    fc.record({
      chain: fc.constant(chain),
      paid: fc.constantFrom(...chains),
      status: fc.constantFrom(...statuses),
      confirmations: near(confirmationsNeeded[chain]),
      amount: fc.constantFrom<number | string>(25, '25.00', 24.99, 25.01, 0),
      currency: fc.constantFrom('USD', 'usd', 'EUR', 'BTC'),
      crypto_amount: fc.constantFrom('0.0005', '0.00050000', '0.00049999'),
      told: fc.constantFrom([], ['0.0005'], ['0.0004'], ['0.0004', '0.0006']),
      state: fc.constantFrom<Ordered['state']>('waiting', 'expired', 'failed'),
      now: fc.constantFrom(at - 1, at, at + patienceMs - 1, at + patienceMs),
    }),
  )
  fc.assert(
    fc.property(cases, ({ chain, paid, told, state, now, ...there }) => {
      const outcome = judge(orderOf(chain, { state }), thereOf(paid, there), told, now)
      const isRight =
        state === 'waiting' &&
        paid === chain &&
        ['confirmed', 'forwarded'].includes(there.status) &&
        (there.confirmations ?? 0) >= confirmationsNeeded[chain] &&
        Number(there.amount) === 25 &&
        there.currency.toUpperCase() === 'USD' &&
        Number(there.crypto_amount) === 0.0005 &&
        !(told.length === 1 && told[0] === '0.0004')
      expect(outcome?.state === 'paid').toBe(isRight)
    }),
    { numRuns: 3_000 },
  )
})

test('an hour after its window nothing is waited for any more', () => {
  for (const status of ['pending', 'detected', 'forwarding', 'confirmed', 'anything']) {
    const look = (now: number) => judge(orderOf('BTC'), thereOf('BTC', { status, confirmations: 0 }), [], now)
    expect(look(at + patienceMs - 1)).toBeNull()
    expect(look(at + patienceMs)?.state).toBe(status === 'pending' ? 'expired' : 'review')
  }
})
