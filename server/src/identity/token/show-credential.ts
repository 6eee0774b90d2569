import type { Credential } from '@spoq/contracts/token'
import type { SignedIn } from '../../http/serve.ts'
import { aliveLogins } from '../login/store.ts'
import type { IdentityDb } from '../tables.ts'

/** What a request came with. */
export async function showCredentialOf(db: IdentityDb, caller: SignedIn): Promise<Credential> {
  const { account, login, scopes, limited, expiresAt } = caller
  const common = {
    account,
    scopes: [...scopes],
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  }
  if (limited) return { ...limited, ...common }
  const name = (await aliveLogins(db, account)).find(({ id }) => id === login)?.name ?? null
  return { kind: 'login', id: login, name, machine: null, ...common }
}
