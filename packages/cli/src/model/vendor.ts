import { type Vendor, vendor, vendors } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'

/** @throws SpoqError `usage` that names them all. */
export function asVendor(name: string): Vendor {
  const parsed = vendor.safeParse(name)
  if (parsed.success) return parsed.data
  throw new SpoqError('usage', { message: 'There is no such vendor.', next: `One of: ${vendors.join(', ')}.` })
}
