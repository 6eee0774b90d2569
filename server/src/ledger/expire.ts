import type { Ledger } from './ports.ts'
import { sendExpire } from './store.ts'

/**
 * Ends the holds whose time is over. Whatever else touches an account ends those of it first, so that none is ever counted
 * for longer; this is for accounts that nothing touches. Answers how many it has ended.
 */
export async function expire({ db, now }: Pick<Ledger, 'db' | 'now'>, most = 1_000): Promise<number> {
  let all = 0
  for (;;) {
    const ended = await sendExpire(db, most, now())
    if (ended === 0) return all
    all += ended
  }
}
