// Brings the tables to this version. The list is code, because what ships is one file without a folder of migrations.

import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { auth } from './migrations/0010-auth.ts'
import { account } from './migrations/0020-account.ts'
import { login } from './migrations/0021-login.ts'
import { attempt } from './migrations/0022-attempt.ts'
import { auditRecord } from './migrations/0030-audit-record.ts'
import { machine } from './migrations/0031-machine.ts'
import { machineIssuer } from './migrations/0032-machine-issuer.ts'
import { accessToken } from './migrations/0050-access-token.ts'
import { trust } from './migrations/0051-trust.ts'
import { machineLeaseOwner } from './migrations/0070-machine-lease-owner.ts'
import { backend } from './migrations/0071-backend.ts'

/** In order of their numbers; README says who has which. A migration that was released is never changed. */
const migrations: Record<string, Migration> = {
  '0010-auth': auth,
  '0020-account': account,
  '0021-login': login,
  '0022-attempt': attempt,
  '0030-audit-record': auditRecord,
  '0031-machine': machine,
  '0032-machine-issuer': machineIssuer,
  '0070-machine-lease-owner': machineLeaseOwner,
  '0071-backend': backend,
  '0050-access-token': accessToken,
  '0051-trust': trust,
}

/**
 * Runs what has not run yet, each in a transaction.
 * @throws what the database said of the migration that failed; those before it stay.
 */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
