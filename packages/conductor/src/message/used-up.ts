import { dayInWords, type MessageLimits, type MessageUse } from '@spoq/contracts/message'
import { SpoqError } from '@spoq/contracts/problem'

/** The refusal of a turn that is one too many: how many there were, until when, and what helps. */
export function usedUp({ plan, all, onCredit }: MessageLimits, use: MessageUse): SpoqError {
  const what = use.onCredit ? 'messages on Spoq credit' : 'messages'
  const { next } = (use.onCredit ? onCredit : all) ?? { next: '' }
  // Where there is a limit to all of them a key of one's own is no way around it.
  const key = use.onCredit && all === null ? ' Or ask with a key of your own: spoq model key set VENDOR.' : ''
  return new SpoqError('messages_used_up', {
    message: `${use.used} of ${use.most} ${what} that the plan ${plan} has a month are used, until ${dayInWords(use.until)} (UTC).`,
    next: next + key,
  })
}
