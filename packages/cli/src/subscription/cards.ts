import type { PaymentMethod } from '@spoq/contracts/subscription'
import { table } from '../output.ts'

/** Cards under each other; the one that is charged is marked. */
export function cardsTable(methods: readonly PaymentMethod[]): string {
  if (methods.length === 0) return 'There is no card. Add one: spoq payment-method add'
  const rows = methods.map(({ id, kind, brand, last4, expires, isDefault }) => [
    isDefault ? '*' : '',
    id,
    brand ?? kind,
    last4 ? `…${last4}` : '',
    expires ?? '',
  ])
  return table(['', 'ID', 'KIND', 'NUMBER', 'EXPIRES'], rows)
}
