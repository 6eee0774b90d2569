import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { readSettings } from './settings.ts'

/** Refuses early, before anything is loaded or asked. @throws SpoqError `not_signed_in` */
export function assertSignedIn({ dataDir, setting }: Pick<Context, 'dataDir' | 'setting'>, server: string): void {
  if (setting('TOKEN') || readSettings(dataDir).logins[server]) return
  throw new SpoqError('not_signed_in', { message: `You are not signed in to ${server}.` })
}
