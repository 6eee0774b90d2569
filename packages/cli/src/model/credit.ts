import type { ModelCredit } from '@spoq/contracts/model-credit'
import { listing } from '../output.ts'

/** Models on Spoq credit, a line a fact. */
export const creditLines = ({ on, vendors, markup, budgetCents, spent }: ModelCredit): string =>
  listing({
    state: vendors.length === 0 ? 'not offered by this server' : on ? 'on' : 'off',
    vendors: vendors.join(', '),
    price: vendors.length > 0 ? `what the vendor asks, and ${markup} %` : null,
    'this month': `$${spent}`,
    'at most': budgetCents === null ? 'as long as there is credit' : `$${(budgetCents / 100).toFixed(2)} a month`,
  })
