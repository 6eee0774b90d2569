// Why a machine is kept from running, and what can be done about it.

import type { Hold, Machine } from '@spoq/contracts/machine'

const words: Record<Hold, { why: string; next: string }> = {
  past_due: {
    why: 'nobody pays for it',
    next: 'See what is open: spoq subscription show. Then: spoq subscribe, or spoq billing portal.',
  },
  balance: { why: 'the prepaid credit is used up', next: 'Top it up: spoq credit top-up 20.' },
  ending: { why: 'it is about to end', next: 'Keep it: spoq machine keep.' },
  abuse: { why: 'whoever runs this server has stopped it', next: 'Write to whoever runs this server.' },
  admin: { why: 'whoever runs this server has stopped it', next: 'Write to whoever runs this server.' },
  idle: { why: 'it sleeps', next: 'It wakes on the next question.' },
}

/** Worst first: what has to be seen to before the others matter. */
const order: readonly Hold[] = ['abuse', 'admin', 'ending', 'past_due', 'balance', 'idle']

/** `past_due: nobody pays for it`, for each of its holds. */
export const holdsInWords = ({ holds }: Pick<Machine, 'holds'>): string =>
  holds.map(hold => `${hold}: ${words[hold].why}`).join('; ')

/** What to do about the worst of them; undefined: nothing holds it. */
export function nextOfHolds(holds: readonly Hold[] = []): string | undefined {
  const worst = order.find(hold => holds.includes(hold))
  return worst && words[worst].next
}
