import { type Vendor, vendor, vendors } from '@spoq/contracts/model'
import { type AccountVendor, accountVendor, accountVendors } from '@spoq/contracts/model-key'
import { SpoqError } from '@spoq/contracts/problem'

/** @throws SpoqError `usage` that names them all. */
export function asVendor(name: string): Vendor {
  const parsed = vendor.safeParse(name)
  if (parsed.success) return parsed.data
  throw new SpoqError('usage', { message: 'There is no such vendor.', next: `One of: ${vendors.join(', ')}.` })
}

/** The same of those whose keys an account can have. @throws SpoqError `usage` that names them all. */
export function asAccountVendor(name: string): AccountVendor {
  const parsed = accountVendor.safeParse(asVendor(name))
  if (parsed.success) return parsed.data
  throw new SpoqError('usage', {
    message: `${name} runs on a machine of its own, so its key is that machine's.`,
    next: `Leave --account out, or name one of: ${accountVendors.join(', ')}.`,
  })
}
