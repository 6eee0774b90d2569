import { deviceName } from '@spoq/contracts/device'
import { SpoqError } from '@spoq/contracts/problem'

/** @throws SpoqError `usage`, saying what a name is. */
export function deviceNameOf(typed: string): string {
  const parsed = deviceName.safeParse(typed)
  if (parsed.success) return parsed.data
  throw new SpoqError('usage', { message: `${typed}: ${parsed.error.issues[0]?.message}.` })
}
