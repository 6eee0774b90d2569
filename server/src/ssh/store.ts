// The SQL of SSH. Nothing here decides anything.

import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { MachineSshTable, SshSessionTable, Tables } from '../db/tables.ts'

export type MachineSshRow = Selectable<MachineSshTable>
export type SshSessionRow = Selectable<SshSessionTable>

export async function keepGateway(
  db: Kysely<Tables>,
  keys: { authority: string; hostKey: string },
  at: Date,
): Promise<void> {
  await db
    .insertInto('ssh_gateway')
    .values({ authority: keys.authority, host_key: keys.hostKey, seen_at: at })
    .onConflict(on => on.column('authority').doUpdateSet({ host_key: keys.hostKey, seen_at: at }))
    .execute()
}

/** The keys of gateways that told of themselves since then. */
export function listGateways(db: Kysely<Tables>, since: Date): Promise<{ authority: string; host_key: string }[]> {
  return db
    .selectFrom('ssh_gateway')
    .select(['authority', 'host_key'])
    .where('seen_at', '>', since)
    .orderBy('authority')
    .execute()
}

export function findMachineSsh(db: Kysely<Tables>, machine: string): Promise<MachineSshRow | undefined> {
  return db.selectFrom('machine_ssh').selectAll().where('machine_id', '=', machine).executeTakeFirst()
}

export async function keepMachineSsh(db: Kysely<Tables>, row: MachineSshRow): Promise<void> {
  const { machine_id, ...rest } = row
  await db
    .insertInto('machine_ssh')
    .values({ machine_id, ...rest })
    .onConflict(on => on.column('machine_id').doUpdateSet(rest))
    .execute()
}

/** Those of an account that were told of since then. */
export async function countLive(db: Kysely<Tables>, account: string, since: Date): Promise<number> {
  const { count } = await db
    .selectFrom('ssh_session')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('account_id', '=', account)
    .where('ended_at', 'is', null)
    .where('seen_at', '>', since)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function addSession(trx: Transaction<Tables>, row: SshSessionRow): Promise<void> {
  await trx.insertInto('ssh_session').values(row).execute()
}

/** Ends one; nothing when it has ended. */
export function endSession(trx: Transaction<Tables>, id: string, at: Date): Promise<SshSessionRow | undefined> {
  return trx
    .updateTable('ssh_session')
    .set({ ended_at: at })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/** Those of these that have not ended, which are told of now. */
export function seeSessions(db: Kysely<Tables>, ids: readonly string[], at: Date): Promise<SshSessionRow[]> {
  return db
    .updateTable('ssh_session')
    .set({ seen_at: at })
    .where('id', '=', sql<string>`ANY(${ids})`)
    .where('ended_at', 'is', null)
    .returningAll()
    .execute()
}

export function listLost(db: Kysely<Tables>, before: Date): Promise<SshSessionRow[]> {
  return db
    .selectFrom('ssh_session')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('seen_at', '<', before)
    .limit(1000)
    .execute()
}
