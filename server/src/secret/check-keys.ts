// Whether a backend has the keys that the secrets of its database are sealed with: one secret that says nothing is opened
// at each start. Without it two backends with a file each would seal what the other cannot open.

import { SpoqError } from '@spoq/contracts/problem'
import { SealBroken, seal, sealedUnder, unseal } from '@spoq/kit/sealed-file'
import type { Log } from '../log.ts'
import { type KeyPlace, makeFirst, type OpenedKeys } from './open-keys.ts'
import { bindingOf, type SecretDeps } from './secret.ts'
import { findSecret, insertSecret, useVersion } from './store.ts'

const probe = { id: 'probe', place: { account: 'backend', kind: 'probe', name: 'keys' } }

/**
 * Looks, and at the first start of a database makes the first key. A key service that is away is logged: the backend runs
 * without it, and what needs a secret answers `unavailable`.
 * @throws SpoqError `config_invalid` when these are not the keys.
 */
export async function checkKeys(
  deps: SecretDeps & { log: Log },
  { local }: OpenedKeys,
  { kekFile, vault }: KeyPlace,
): Promise<void> {
  const { db, keys } = deps
  const row = await findSecret(db, probe.id)
  try {
    if (row) return void (await unseal(row.sealed, bindingOf(probe.id, probe.place), keys))
    if (!vault) makeFirst(local, kekFile)
    await insertProbe(deps)
  } catch (error) {
    if (error instanceof SealBroken) throw wrong(row ? sealedUnder(row.sealed) : '', kekFile, error)
    if (!(error instanceof SpoqError) || error.code !== 'unavailable') throw error
  }
}

async function insertProbe({ db, keys, now }: SecretDeps): Promise<void> {
  const { account: account_id, kind, name } = probe.place
  const sealed = await seal(Buffer.alloc(0), bindingOf(probe.id, probe.place), keys)
  const row = { id: probe.id, account_id, kind, name, sealed, created_at: new Date(now()) }
  await db.transaction().execute(async tx => {
    const key_version = sealedUnder(sealed)
    await useVersion(tx, key_version)
    await insertSecret(tx, { ...row, key_version })
  })
}

function wrong(version: string, file: string, cause: SealBroken): SpoqError {
  if (version.startsWith('local:') || version === '')
    return new SpoqError('config_invalid', {
      cause,
      message: `KEK_FILE: ${file} does not hold the keys that the secrets of this database are sealed with`,
      next: 'Name the file that the first backend of this database made, or a copy of it as it is now.',
    })
  return new SpoqError('config_invalid', {
    cause,
    message: `VAULT_TRANSIT_KEY: the secrets of this database are sealed under ${version}, and these keys do not open them`,
    next: 'Name the Vault and the key that they were sealed with.',
  })
}
