import type { AccountModelKey, AccountVendor } from '@spoq/contracts/model-key'
import { masked, vendorCalls } from '@spoq/kit/model-vendor'
import { InvalidInput } from '@spoq/kit/serve-route'
import { record } from '../audit/record.ts'
import type { From } from '../http/from.ts'
import { remove } from '../secret/remove.ts'
import { seal } from '../secret/seal.ts'
import { type ModelKeyDeps, resourceOf, secretOf } from './ports.ts'
import { putModelKey, toModelKey } from './store.ts'

interface Asked {
  vendor: AccountVendor
  key: string
  url?: string | undefined
  check: boolean
}

/**
 * Keeps a vendor's key for all machines of an account, in the place of the one before. Where it goes is sealed with it, so
 * that no change of a row sends it elsewhere.
 * @throws SpoqError what `check` throws; `rate_limited`; `unavailable` when the key service does not answer. Then the key
 * before stays.
 */
export async function set(
  deps: ModelKeyDeps,
  { account, from }: { account: string; from: From },
  { vendor, key, url: asked, check }: Asked,
): Promise<AccountModelKey> {
  deps.count(account)
  const url = (asked ?? vendorCalls[vendor].url)?.replace(/\/+$/, '')
  if (url === undefined) throw new InvalidInput(`body.url: ${vendor} has no address of its own`)
  if (check) await deps.check({ vendor, url, key })
  const now = deps.now()
  const place = secretOf(account, vendor)
  const row = { account_id: account, vendor, url, masked: masked(key), set_at: new Date(now) }
  return seal(deps, { ...place, text: JSON.stringify({ key, url }) }, async (tx, id) => {
    const put = await putModelKey(tx, { ...row, secret_id: id, checked_at: check ? new Date(now) : null })
    await remove(tx, place, { but: id })
    const by = { actor: `account:${account}`, account, origin: from }
    await record(tx, { ...by, action: 'model-key.set', resource: resourceOf(vendor), reason: `for ${url}` }, now)
    await deps.changed(tx, account)
    return toModelKey(put)
  })
}
