// Ends the login of this computer.

import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { openStore } from './secret-store.ts'
import { serverOf } from './server.ts'
import { changeSettings, readSettings } from './settings.ts'
import { forgetTokens } from './tokens.ts'

/**
 * Forgets the login and ends it on the server. Answers false when the server could not be told: then it is forgotten
 * here and lives there until it is revoked or expires.
 * @throws SpoqError `not_signed_in`
 */
export async function signOut(context: Context): Promise<{ server: string; revoked: boolean }> {
  const server = serverOf(context)
  const login = readSettings(context.dataDir).logins[server]
  if (!login) throw new SpoqError('not_signed_in', { message: `You are not signed in to ${server}.` })
  const tokens = await forgetTokens(context, await openStore(login.store, context.dataDir), server)
  changeSettings(context.dataDir, settings => {
    const { [server]: _, ...logins } = settings.logins
    return { ...settings, logins }
  })
  return { server, revoked: tokens ? await revoke(server, login.clientId, tokens.refreshToken) : false }
}

async function revoke(server: string, clientId: string, refreshToken: string): Promise<boolean> {
  const { discover } = await import('./oauth.ts')
  const { tokenRevocation } = await import('openid-client')
  try {
    await tokenRevocation(await discover(server, clientId), refreshToken, { token_type_hint: 'refresh_token' })
    return true
  } catch {
    return false
  }
}
