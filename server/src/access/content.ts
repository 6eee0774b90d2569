// What a machine is to know of who may use it, as the rows say now.

import { createHash } from 'node:crypto'
import type { AccessSnapshot } from '@spoq/contracts/access'
import { loginId } from '@spoq/contracts/login'
import type { MachineRow } from '../db/tables.ts'

/** A snapshot before it has its number. */
export type AccessContent = Omit<AccessSnapshot, 'number'>

/** What ended of an account while machine tokens that came of it may live: logins, personal access tokens, trusts. */
export type Revoked = AccessContent['revokedTokens']
export type RevokedBy = (accounts: readonly string[]) => Promise<Map<string, Revoked>>

/** What each of these machines is to know. */
export async function contentsOf(
  rows: readonly Pick<MachineRow, 'id' | 'account_id'>[],
  revokedBy: RevokedBy,
): Promise<Map<string, AccessContent>> {
  const revoked = await revokedBy([...new Set(rows.map(row => row.account_id))])
  return new Map(
    rows.map(({ id, account_id }) => [id, { members: [account_id], ...byKind(revoked.get(account_id) ?? []) }]),
  )
}

/** Logins stand by themselves: a Conductor from before there was more refuses a list with anything else in it. */
function byKind(all: Revoked): Pick<AccessContent, 'revoked' | 'revokedTokens'> {
  const isLogin = ({ credential }: Revoked[number]) => loginId.safeParse(credential).success
  return {
    revoked: all.filter(isLogin).map(({ credential, until }) => ({ login: credential, until })),
    revokedTokens: all.filter(one => !isLogin(one)),
  }
}

/** Two contents have the same exactly when nothing differs, in whatever order the rows came. */
export function hashOf({ members, revoked, revokedTokens }: AccessContent): string {
  const parts = [
    [...members].sort(),
    revoked.map(({ login, until }) => `${login} ${until}`).sort(),
    revokedTokens.map(({ credential, until }) => `${credential} ${until}`).sort(),
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
