// After a rotation: wraps the data keys of all secrets under the newest key. Each row is its own small transaction and holds
// a whole secret before and after, so it may be cut off anywhere and begun again, by several backends too.

import { rewrap as rewrapText, SealBroken, seal, sealedUnder } from '@spoq/kit/sealed-file'
import type { SecretRow } from '../db/tables.ts'
import { type Log, textOf } from '../log.ts'
import { bindingOf, placeOf, type SecretDeps } from './secret.ts'
import { KeyForgotten, listNotUnder, replaceSealed, useVersion } from './store.ts'

export interface Rewrapped {
  /** The newest version, which all are under now but those that are broken. */
  version: string
  rewrapped: number
  /** Ids of secrets that do not open: they stay as they are. */
  broken: string[]
}

/** @throws SpoqError `unavailable` when the key service does not answer: what was done until then is done. */
export async function rewrap(deps: SecretDeps & { log: Log }, batch = 100): Promise<Rewrapped> {
  const { db, keys, log } = deps
  const version = sealedUnder(await seal(Buffer.alloc(0), bindingOf('', { account: '', kind: '', name: '' }), keys))
  const done: Rewrapped = { version, rewrapped: 0, broken: [] }
  let after = ''
  for (;;) {
    const rows = await listNotUnder(db, version, after, batch)
    for (const row of rows)
      try {
        if (await rewrapOne(deps, row)) done.rewrapped++
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error
        log('error', 'secret.broken', { secret: row.id, kind: row.kind, error: textOf(error) })
        done.broken.push(row.id)
      }
    const last = rows.at(-1)
    if (!last) return done
    after = last.id
  }
}

async function rewrapOne({ db, keys }: SecretDeps, row: SecretRow): Promise<boolean> {
  const sealed = await rewrapText(row.sealed, bindingOf(row.id, placeOf(row)), keys)
  const version = sealedUnder(sealed)
  try {
    return await db.transaction().execute(async tx => {
      await useVersion(tx, version)
      return replaceSealed(tx, row, { sealed, version })
    })
  } catch (error) {
    // Rotated once more meanwhile: the next run has it.
    if (error instanceof KeyForgotten) return false
    throw error
  }
}

/** The same, and says in the log what came of it: each hour a rotation in Vault, or one that was cut off, is carried through. */
export async function rewrapAll(deps: SecretDeps & { log: Log }): Promise<void> {
  const { version, rewrapped, broken } = await rewrap(deps)
  if (rewrapped > 0) deps.log('info', 'secret.rewrapped', { version, rewrapped, broken: broken.length })
}
