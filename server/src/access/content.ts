// What a machine is to know of who may use it, and which keys for models its account has, as the rows say now.

import { createHash } from 'node:crypto'
import type { AccessSnapshot } from '@spoq/contracts/access'
import type { MachineRow } from '../db/tables.ts'
import type { AccountKeys, KeyVersions } from '../model-key/pushed.ts'

/** A snapshot before it has its number; for the keys for models stand their versions. */
export type AccessContent = Omit<AccessSnapshot, 'number' | 'modelKeys'> & { keyVersions: KeyVersions }

/** Logins that ended while tokens of theirs may live, by account. */
export type RevokedBy = (accounts: readonly string[]) => Promise<Map<string, AccessContent['revoked']>>

/** Who reads a rented box may read what is on it: the account's keys do not go there. */
export const takesKeys = ({ provider }: Pick<MachineRow, 'provider'>): boolean => provider !== 'host'

/** What each of these machines is to know. */
export async function contentsOf(
  rows: readonly Pick<MachineRow, 'id' | 'account_id' | 'provider'>[],
  { revokedBy, modelKeys }: { revokedBy: RevokedBy; modelKeys: Pick<AccountKeys, 'versionsOf'> },
): Promise<Map<string, AccessContent>> {
  const accounts = [...new Set(rows.map(row => row.account_id))]
  const revoked = await revokedBy(accounts)
  const versions = await modelKeys.versionsOf(accounts)
  return new Map(
    rows.map(row => [
      row.id,
      {
        members: [row.account_id],
        revoked: revoked.get(row.account_id) ?? [],
        keyVersions: takesKeys(row) ? (versions.get(row.account_id) ?? []) : [],
      },
    ]),
  )
}

/** Two contents have the same exactly when nothing differs, in whatever order the rows came. */
export function hashOf({ members, revoked, keyVersions }: AccessContent): string {
  const logins = revoked.map(({ login, until }) => `${login} ${until}`)
  const parts = [[...members].sort(), logins.sort(), [...keyVersions].sort()]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
