// What better-auth changed in writes of its own. A trigger notes it in the same write (`security_change`); here it goes into
// the security log, with a mail to the owner, and out of the notes, all in one transaction. Who asked for it tells where it
// came from; what a crash left behind is told by the sweep, without that. Whoever comes first tells it, once.

import { record } from '../../audit/record.ts'
import type { From } from '../../http/from.ts'
import { isSocialId, socialName } from '../social/provider.ts'
import { linkedLetter } from '../social/ways.ts'
import type { IdentityDb, SecurityChange } from '../tables.ts'
import { totpLetter } from '../totp/letter.ts'
import type { WebDeps } from '../web-session.ts'

type Deps = Pick<WebDeps, 'db' | 'now' | 'mail'>

/** Longer than a request takes from better-auth's write to telling it. */
const graceMs = 60_000

/** Tells what a request of an account changed just now; nothing when it was told already. */
export async function tellChanges(deps: Deps, account: string, origin: From | null): Promise<void> {
  const changes = await deps.db
    .selectFrom('security_change')
    .selectAll()
    .where('account_id', '=', account)
    .orderBy('id')
    .execute()
  for (const change of changes) await tell(deps, change, origin)
}

/** Tells what nobody told. */
export async function tellForgotten(deps: Deps): Promise<void> {
  const before = new Date(deps.now() - graceMs)
  const left = await deps.db.selectFrom('security_change').selectAll().where('at', '<', before).orderBy('id').execute()
  for (const change of left) await tell(deps, change, null)
}

async function tell({ db, mail }: Deps, change: SecurityChange, origin: From | null): Promise<void> {
  const { id, account_id: account, action, service, at } = change
  const letter = await letterOf(db, change)
  const reason = service && isSocialId(service) ? socialName[service] : service
  const told = { actor: `account:${account}`, action, resource: account, account, reason, origin }
  await db.transaction().execute(async tx => {
    const { numDeletedRows } = await tx.deleteFrom('security_change').where('id', '=', id).executeTakeFirst()
    if (numDeletedRows === 0n) return
    await record(tx, told, at.getTime())
    if (letter) await mail.put(tx as never, letter)
  })
  if (letter) mail.wake()
}

/** Null for a change that the owner need not be told of, and for an account that is gone. */
async function letterOf(db: IdentityDb, { account_id: account, action, service }: SecurityChange) {
  const user = await db.selectFrom('auth_user').select('email').where('id', '=', account).executeTakeFirst()
  if (!user) return null
  if (action === 'account.link') return linkedLetter(db, account, user.email, service ?? '')
  return totpLetter(user.email, action === 'totp.on' ? 'on' : 'off')
}
