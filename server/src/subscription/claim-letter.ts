// What the owner, and whoever runs the server, are told of a dispute by mail.

import type { PlanName } from '@spoq/contracts/plan'
import type { ClaimState } from '../db/tables.ts'
import type { Mail } from '../mail/mail.ts'
import { writeMail } from '../mail/template.ts'
import { plans } from '../plan/table.ts'

interface Dispute {
  source: string
  account: string
  state: ClaimState
  cents: number
  /** What the account subscribes to; null: nothing. */
  plan: PlanName | null
}

/** Null for `to`: the owner cannot be written to. */
export async function disputeLetters(
  dispute: Dispute,
  to: string | null,
  operators: readonly string[],
): Promise<Mail[]> {
  const owner = to === null ? [] : [writeMail({ to, ...ofOwner(dispute) })]
  return Promise.all([...owner, ...operators.map(to => writeMail({ to, ...ofOperator(dispute) }))])
}

const amount = (cents: number) => `$${(cents / 100).toFixed(2)}`

function ofOwner({ state, cents, plan }: Dispute) {
  const what = plan ? `Spoq ${plans[plan].title}` : 'Spoq'
  const paid = `your payment of ${amount(cents)} for ${what}`
  if (state === 'won')
    return {
      subject: `The dispute about ${what} is over`,
      text: `The dispute about ${paid} is over: the payment stands, and nothing changes.`,
      otherwise: 'Look at it: spoq subscription show',
    }
  if (state === 'lost')
    return {
      subject: `${what} is cancelled: its payment went back`,
      text: `The dispute about ${paid} was decided for you, and the money went back. So the subscription it was paid for is cancelled; your machines are kept for 7 days.`,
      otherwise: 'You want to keep them? spoq subscribe',
    }
  return {
    subject: `Your bank disputes a payment for ${what}`,
    text: `Your bank told us that ${paid} is disputed. All runs on until that is decided. Should the money go back, the subscription ends.`,
    otherwise: 'It was a mistake? Ask your bank to withdraw the dispute.',
  }
}

const ofOperator = ({ source, account, state, cents }: Dispute) => ({
  subject: `Dispute ${source}: ${state}`,
  text: `The dispute ${source} about ${amount(cents)} of the account ${account} for a subscription is ${state}.${state === 'lost' ? ' The subscription is cancelled.' : ''}`,
  otherwise:
    state === 'open' ? 'Answer it in the dashboard of Stripe before its day is over.' : 'Nothing is to be done.',
})
