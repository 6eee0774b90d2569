// Whether a vendor takes a key, seen by the call that lists models. Addresses come from strangers: a backend for many asks
// the public internet alone.

import type { AccountVendor } from '@spoq/contracts/model-key'
import { SpoqError } from '@spoq/contracts/problem'
import { checkKey, KeyNotTaken, vendorCalls } from '@spoq/kit/model-vendor'
import { NotPublic, publicFetch } from '@spoq/kit/public-fetch'

export interface KeyToCheck {
  vendor: AccountVendor
  url: string
  key: string
}

/**
 * Looks whether a key is taken.
 * @throws SpoqError `model_refused` in the vendor's words without the key; `model_failed` when nobody answers;
 * `invalid_request` for an address that is not asked from here.
 */
export type CheckModelKey = (key: KeyToCheck) => Promise<void>

/** @param own it runs for its owner alone, on the owner's computer: then any address may be asked. */
export function modelKeyCheck({ own }: { own: boolean }): CheckModelKey {
  const send: typeof fetch = own ? (address, init) => fetch(address, { ...init, redirect: 'error' }) : publicFetch()
  return async ({ vendor, url, key }) => {
    try {
      await checkKey(vendorCalls[vendor], { url, key, fetch: send })
    } catch (error) {
      throw told(error, vendor)
    }
  }
}

function told(error: unknown, vendor: AccountVendor): unknown {
  if (!(error instanceof KeyNotTaken)) return error
  if (isNotPublic(error))
    return new SpoqError('invalid_request', {
      message: 'The server checks keys at public https addresses alone.',
      next: 'Where only your machines reach the address, keep the key unchecked: --no-check.',
    })
  const { statusCode: status, message } = error
  const refused = status !== undefined && status >= 400 && status < 500 && ![408, 409, 429].includes(status)
  if (refused)
    return new SpoqError('model_refused', {
      message: `${vendor} refused the key: ${message}`,
      next: 'Copy it from the vendor once more; check --url. Nothing was changed.',
    })
  return new SpoqError('model_failed', {
    message: `${vendor} did not answer: ${message}`,
    next: 'Try again, or keep the key unchecked: --no-check. Nothing was changed.',
  })
}

function isNotPublic(error: unknown): boolean {
  if (error instanceof NotPublic) return true
  return error instanceof Error && error.cause !== undefined && isNotPublic(error.cause)
}
