// What the owner is told of a subscription by mail.

import type { SubscriptionRow } from '../db/tables.ts'
import type { Mail } from '../mail/mail.ts'
import { writeMail } from '../mail/template.ts'
import { plans } from '../plan/table.ts'
import { mostFailures } from './lifecycle.ts'

const day = (at: Date | null) => at?.toISOString().slice(0, 10) ?? 'soon'
const isLater = (a: Date | null, b: Date | null) => (a?.getTime() ?? 0) > (b?.getTime() ?? 0)
const pay = 'Pay or change the card: spoq billing portal'

/** The letter for a change; null: it is none that anybody is written of. */
export async function letterFor(to: string, before: SubscriptionRow, after: SubscriptionRow): Promise<Mail | null> {
  const said = sayOf(before, after)
  return said && writeMail({ to, ...said })
}

function sayOf(before: SubscriptionRow, after: SubscriptionRow) {
  const { title } = plans[after.plan]
  const until = day(after.period_end)
  if (after.state === 'past_due' && after.failures > before.failures)
    return {
      subject: `Your payment for Spoq ${title} failed`,
      text: `A payment for Spoq ${title} failed (${after.failures} of ${mostFailures} tries). Everything runs on; it is tried again in a few days.`,
      otherwise: pay,
    }
  if (after.state === before.state) {
    if (after.cancel_at_period_end && !before.cancel_at_period_end)
      return {
        subject: `Spoq ${title} ends on ${until}`,
        text: `You cancelled Spoq ${title}. It is paid until ${until}, and ends then.`,
        otherwise: 'You want to keep it? Until then: spoq subscription resume',
      }
    if (after.state === 'active' && after.plan === before.plan && isLater(after.period_end, before.period_end))
      return {
        subject: `Your receipt for Spoq ${title}`,
        text: `Your payment came: Spoq ${title} is paid until ${until}.`,
        otherwise: 'Your invoices: spoq invoice list',
      }
    return null
  }
  switch (after.state) {
    case 'active':
    case 'trialing':
      return {
        subject: `You have Spoq ${title}`,
        text: `Thank you: Spoq ${title} is paid until ${until}.`,
        otherwise: 'Look at it: spoq subscription show. Receipts: spoq invoice list',
      }
    case 'grace':
      return {
        subject: `Your machines are suspended: Spoq ${title} is not paid`,
        text: `Spoq ${title} is no longer paid, so your machines are suspended. Nothing is lost: until ${day(after.grace_until)} you can pay, and all is as it was.`,
        otherwise: 'Pay: spoq billing portal. It was cancelled? spoq subscribe',
      }
    case 'frozen':
      return {
        subject: 'You have the free plan now',
        text: `Spoq ${title} is over. You have the free plan; what is over its limits is kept, suspended, until ${day(after.frozen_until)}.`,
        otherwise: 'You want it back? spoq subscribe',
      }
    case 'ended':
      return before.state === 'incomplete'
        ? null
        : {
            subject: `Spoq ${title} is over`,
            text: 'Your subscription is over. Of each machine that ends a final backup is made and verified first; it is kept for 30 days.',
            otherwise: 'Look at them: spoq backup list',
          }
    default:
      return null
  }
}
