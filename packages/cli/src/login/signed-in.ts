import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { isGiven } from './given.ts'
import { readSettings } from './settings.ts'

/** Refuses early, before anything is loaded or asked. @throws SpoqError `not_signed_in` */
export function assertSignedIn(place: Pick<Context, 'dataDir' | 'setting' | 'actions'>, server: string): void {
  if (isGiven(place) || readSettings(place.dataDir).logins[server]) return
  throw new SpoqError('not_signed_in', { message: `You are not signed in to ${server}.` })
}
