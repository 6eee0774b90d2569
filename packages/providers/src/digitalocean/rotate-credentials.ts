import { act, atRest } from './action.ts'
import type { DigitalOcean } from './options.ts'

/** Gives root a new password. DigitalOcean mails it to the account's owner, who could have any; nobody else is told. */
export async function rotateCredentials(cloud: DigitalOcean, ref: string): Promise<void> {
  await atRest(cloud, ref)
  await act(cloud, ref, { type: 'password_reset' })
}
