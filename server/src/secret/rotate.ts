// What an operator does: `node main.ts rotate-keys`.

import type { LocalKeys } from '@spoq/kit/sealed-file'
import type { Database } from '../db/open.ts'
import type { Log } from '../log.ts'
import { type Rewrapped, rewrap } from './rewrap.ts'
import type { SecretDeps } from './secret.ts'
import { forgetVersion } from './store.ts'

export interface RotateDeps extends SecretDeps {
  database: Pick<Database, 'locked'>
  /** The keys in the file; only where they are the ones that wrap is a new one made. */
  local: LocalKeys
  log: Log
}

export interface Rotated extends Rewrapped {
  /** Versions that are gone for good. */
  forgotten: string[]
}

/**
 * Makes a new version where the keys are ours to make (Vault and a KMS rotate their own), and wraps everything under the
 * newest.
 * @param forgetOld takes the older versions in the file away that nothing needs: copies of the database from before do not
 * open then.
 */
export function rotate(deps: RotateDeps, { forgetOld }: { forgetOld: boolean }): Promise<Rotated> {
  const { database, local, keys } = deps
  return database.locked('rotate-keys', async () => {
    if (keys.source === local.source) local.rotate()
    const done = await rewrap(deps)
    return { ...done, forgotten: forgetOld ? await forget(deps, done.version) : [] }
  })
}

/** First in the database, so that nothing is sealed under it any more; then in the file. A crash in between leaves a key too much. */
async function forget({ db, local, now }: RotateDeps, newest: string): Promise<string[]> {
  const forgotten: string[] = []
  const before = local.versions()
  for (const version of before.filter(one => one !== newest && one !== before.at(-1)))
    if (await db.transaction().execute(tx => forgetVersion(tx, version, now()))) forgotten.push(version)
  if (forgotten.length > 0) local.forgetOld(before.filter(version => !forgotten.includes(version)))
  return forgotten
}
