import * as z from 'zod/mini'
import type { Ledger } from './ports.ts'
import { checked } from './shape.ts'
import { type ChargeCall, type Charged, sendCharge } from './store.ts'

const asked = z.object({
  /** The run's name; it is a part of each charge's key. */
  run: z.string().check(z.regex(/^[A-Za-z0-9._-]{1,64}$/)),
  /** The account of the platform that the money goes to. */
  onto: z.string().check(z.regex(/^[a-z]{1,40}$/)),
  kind: z.string().check(z.regex(/^[a-z][a-z0-9_.-]{0,39}$/)),
})

/**
 * Charges all that a run says is due, in chunks of `most` that are each stored whole: killed anywhere and run again, also by
 * several at once, each is charged once. Whoever has not enough is marked `short`, and stays so in this run.
 *
 * A run is filled before by whoever knows the amounts, once or several times:
 * `INSERT INTO ledger.due (run, account, amount) SELECT … ON CONFLICT DO NOTHING`.
 */
export async function charge(
  { db, now }: Pick<Ledger, 'db' | 'now'>,
  request: ChargeCall,
  most = 20_000,
): Promise<Charged> {
  const call = checked(asked, request)
  const all = { charged: 0, short: 0 }
  for (;;) {
    const { charged, short } = await sendCharge(db, call, most, now())
    if (charged + short === 0) return all
    all.charged += charged
    all.short += short
  }
}
