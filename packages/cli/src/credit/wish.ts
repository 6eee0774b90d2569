// How much somebody wants to pay, and that they agree to it.

import type { Chain } from '@spoq/contracts/credit'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { confirm } from '../terminal.ts'
import { totalInWords } from './words.ts'

/** Dollars as somebody types them, in cents. @throws SpoqError `usage`. */
export function centsOf(typed: string): number {
  const [, whole, part = ''] = /^\$?(\d{1,7})(?:\.(\d{1,2}))?$/.exec(typed) ?? []
  if (whole === undefined)
    throw new SpoqError('usage', { message: `${typed} is no amount.`, next: 'Give dollars: 20 or 12.50.' })
  return Number(whole) * 100 + Number(part.padEnd(2, '0'))
}

/** @throws SpoqError `usage`, `needs_terminal` that names the flag, `interrupted` when the person does not agree. */
export async function agreed(
  { terminal }: Context,
  { dollars, crypto, yes }: { dollars: string; crypto?: Chain | undefined; yes: boolean },
): Promise<{ cents: number; method: 'card' | 'crypto'; chain?: Chain }> {
  const cents = centsOf(dollars)
  if (cents < 500 || cents > 100_000)
    throw new SpoqError('usage', { message: 'Credit is bought for 5 to 1000 dollars at once.', next: 'Give 20.' })
  const words = totalInWords(cents, crypto)
  if (!yes && !(await confirm(terminal, { message: `${words} Go on?`, flag: '--yes', default: true })))
    throw new SpoqError('interrupted', { message: 'Nothing was bought.', next: 'Look: spoq credit balance.' })
  if (yes) console.error(words)
  return crypto ? { cents, method: 'crypto', chain: crypto } : { cents, method: 'card' }
}
