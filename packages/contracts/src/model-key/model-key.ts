import * as z from 'zod/mini'
import { instant, nothing, route } from '../http/index.ts'
import { modelAddress, modelKey, vendors } from '../model/vendor.ts'

/** Whose keys an account can have. A model server on one machine alone is that machine's own. */
export const accountVendors = vendors.filter(vendor => vendor !== 'ollama')
export const accountVendor = z.enum(accountVendors)
export type AccountVendor = z.infer<typeof accountVendor>

/** Where a key goes: nothing of it is a secret, since it is shown. */
const keyAddress = modelAddress.check(
  z.maxLength(500),
  z.refine(isPlain, 'an address without user, query and fragment is needed'),
)

/** A key of the account: all its machines use it, but where one has its own. It goes in and never comes out. */
export const accountModelKey = z.object({
  vendor: accountVendor,
  /** `sk-…wxyz`. */
  masked: z.string(),
  url: z.string(),
  /** Counts how often it was set. */
  version: z.number(),
  setAt: instant,
  /** When the vendor was seen to take it; null: it was kept unchecked. */
  checkedAt: z.nullable(instant),
})
export type AccountModelKey = z.infer<typeof accountModelKey>

export const listAccountModelKeys = route({
  method: 'get',
  path: '/api/model-keys',
  summary: "Lists the account's keys for models, masked.",
  caller: 'account',
  scope: 'account:read',
  status: 200,
  answer: z.object({ keys: z.array(accountModelKey) }),
  errors: [],
})

export const setAccountModelKey = route({
  method: 'put',
  path: '/api/model-keys/{vendor}',
  summary:
    "Keeps a vendor's key for all machines of the account, after one free call has shown that the vendor takes it.",
  caller: 'account',
  scope: 'account:write',
  params: z.object({ vendor: accountVendor }),
  body: z.object({
    key: modelKey,
    /** Its address, when it is not the vendor's own. */
    url: z.optional(keyAddress),
    /** False: keep it unchecked, where only the machines reach the address. */
    check: z._default(z.boolean(), true),
  }),
  status: 200,
  answer: accountModelKey,
  errors: ['model_failed', 'model_refused', 'rate_limited'],
})

export const removeAccountModelKey = route({
  method: 'delete',
  path: '/api/model-keys/{vendor}',
  summary: "Removes a vendor's key from the account, and from its machines as soon as they are reached.",
  caller: 'account',
  scope: 'account:write',
  params: z.object({ vendor: accountVendor }),
  status: 204,
  answer: nothing,
  errors: ['model_key_not_found'],
})

function isPlain(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { username, password, search, hash } = new URL(address)
  return [username, password, search, hash].every(part => part === '')
}
