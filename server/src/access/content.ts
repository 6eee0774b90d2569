// What a machine is to know of who may use it, as the rows say now.

import { createHash } from 'node:crypto'
import type { AccessSnapshot } from '@spoq/contracts/access'
import type { MachineRow } from '../db/tables.ts'

/** A snapshot before it has its number. */
export type AccessContent = Omit<AccessSnapshot, 'number'>

/** Logins that ended while tokens of theirs may live, by account. */
export type RevokedBy = (accounts: readonly string[]) => Promise<Map<string, AccessContent['revoked']>>

/** What each of these machines is to know. */
export async function contentsOf(
  rows: readonly Pick<MachineRow, 'id' | 'account_id'>[],
  revokedBy: RevokedBy,
): Promise<Map<string, AccessContent>> {
  const revoked = await revokedBy([...new Set(rows.map(row => row.account_id))])
  return new Map(
    rows.map(({ id, account_id }) => [id, { members: [account_id], revoked: revoked.get(account_id) ?? [] }]),
  )
}

/** Two contents have the same exactly when nothing differs, in whatever order the rows came. */
export function hashOf({ members, revoked }: AccessContent): string {
  const parts = [[...members].sort(), revoked.map(({ login, until }) => `${login} ${until}`).sort()]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
