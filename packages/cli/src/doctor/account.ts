import { call } from '@spoq/client/call'
import { showAccount } from '@spoq/contracts/account'
import type { Context } from '../context.ts'
import { serverOf } from '../login/server.ts'
import { readSettings } from '../login/settings.ts'
import { backendTarget } from '../target.ts'

/** Who is signed in, and where that is kept. @throws SpoqError `not_signed_in`, `login_revoked`, `login_locked`. */
export async function accountLine(context: Context, signal: AbortSignal): Promise<string> {
  const { email } = await call(backendTarget(context), showAccount, { signal })
  if (context.setting('TOKEN')) return `${email}, by the token of SPOQ_TOKEN`
  const store = readSettings(context.dataDir).logins[serverOf(context)]?.store
  return `${email}, kept in ${store === 'keychain' ? 'the keychain' : 'a file of yours alone'}`
}
