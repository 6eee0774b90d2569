import { SpoqError } from '@spoq/contracts/problem'
import { profileName } from '@spoq/contracts/profile'

/** @throws SpoqError `usage`, saying what a name is. */
export function profileNameOf(typed: string): string {
  const parsed = profileName.safeParse(typed)
  if (parsed.success) return parsed.data
  throw new SpoqError('usage', { message: `${typed}: ${parsed.error.issues[0]?.message}.` })
}
