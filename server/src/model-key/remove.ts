import type { AccountVendor } from '@spoq/contracts/model-key'
import { SpoqError } from '@spoq/contracts/problem'
import { record } from '../audit/record.ts'
import type { From } from '../http/from.ts'
import { remove as removeSecret } from '../secret/remove.ts'
import { type ModelKeyDeps, resourceOf, secretOf } from './ports.ts'
import { deleteModelKey } from './store.ts'

/**
 * Removes a vendor's key from an account; its machines are told.
 * @throws SpoqError `model_key_not_found`.
 */
export async function remove(
  { db, now, changed }: ModelKeyDeps,
  { account, from }: { account: string; from: From },
  vendor: AccountVendor,
): Promise<undefined> {
  await db.transaction().execute(async tx => {
    if (!(await deleteModelKey(tx, account, vendor))) throw new SpoqError('model_key_not_found')
    await removeSecret(tx, secretOf(account, vendor))
    const by = { actor: `account:${account}`, account, origin: from }
    await record(tx, { ...by, action: 'model-key.remove', resource: resourceOf(vendor) }, now())
    await changed(tx, account)
  })
}
