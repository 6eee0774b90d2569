import { type MessageUse, monthAt, monthEnd } from '@spoq/contracts/message'
import { isOfFleet } from '../machine/allowed.ts'
import { planOf } from '../plan/of.ts'
import type { MessagePorts } from './limits.ts'
import { listCounts } from './store.ts'

/** How many messages of its plan an account has used this month, as far as its machines have told; none where there is no limit. */
export async function messageUses({ db, usual, now, providers }: MessagePorts, account: string): Promise<MessageUse[]> {
  const month = monthAt(now())
  const until = new Date(monthEnd(month)).toISOString()
  const [{ plan }, counts] = await Promise.all([planOf({ db, usual }, account), listCounts(db, [account], month)])
  const { messages, messagesOnCredit } = plan.limits
  const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0)
  const onFleet = counts.filter(count => isOfFleet(providers, count))
  const uses = [
    { used: sum(onFleet.map(({ all }) => all)), most: messages, onCredit: false, until },
    { used: sum(counts.map(({ onCredit }) => onCredit)), most: messagesOnCredit, onCredit: true, until },
  ]
  return uses.flatMap(({ most, ...use }) => (most === null ? [] : [{ ...use, most }]))
}
