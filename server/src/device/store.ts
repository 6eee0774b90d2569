// The SQL of devices. Nothing here decides anything. Revoked ones are not there.

import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { DeviceTable, Tables } from '../db/tables.ts'

export type DeviceRow = Selectable<DeviceTable>

/** With what its place is called, whether its key was proven for its account, and how many devices are older. */
export type NamedDevice = DeviceRow & {
  machine_name: string
  profile_name: string
  proven: boolean
  older_of_account: number
  older_of_profile: number
}

const older = (column: 'account_id' | 'profile_id') => {
  const of = sql.ref(`device.${column}`)
  return sql<number>`(select count(*)::int from device older where older.${sql.ref(column)} = ${of} and older.revoked_at is null
    and (older.created_at, older.id) < (device.created_at, device.id))`
}

const named = (db: Kysely<Tables>) =>
  db
    .selectFrom('device')
    .innerJoin('machine', 'machine.id', 'device.machine_id')
    .innerJoin('profile', 'profile.id', 'device.profile_id')
    .leftJoin('proven_key', join =>
      join
        .onRef('proven_key.fingerprint', '=', 'device.fingerprint')
        .onRef('proven_key.account_id', '=', 'device.account_id'),
    )
    .where('device.revoked_at', 'is', null)
    .selectAll('device')
    .select(['machine.name as machine_name', 'profile.name as profile_name'])
    .select(sql<boolean>`proven_key.fingerprint is not null`.as('proven'))
    .select([older('account_id').as('older_of_account'), older('profile_id').as('older_of_profile')])

/** An account's, newest first. */
export async function listDevices(db: Kysely<Tables>, account: string): Promise<NamedDevice[]> {
  const query = named(db).where('device.account_id', '=', account)
  return query.orderBy('device.created_at', 'desc').orderBy('device.id').execute()
}

/** The device of an account; another's is not there. */
export async function findDevice(db: Kysely<Tables>, account: string, id: string): Promise<NamedDevice | undefined> {
  return named(db).where('device.id', '=', id).where('device.account_id', '=', account).executeTakeFirst()
}

/** The device that has a key, by a profile of a machine; '' is its default one. */
export async function findByKey(
  db: Kysely<Tables>,
  { machine, profile, fingerprint }: { machine: string; profile: string; fingerprint: string },
): Promise<(NamedDevice & { may_forward: boolean; may_tty: boolean }) | undefined> {
  const query = named(db)
    .where('device.machine_id', '=', machine)
    .where('device.fingerprint', '=', fingerprint)
    .where('machine.state', 'not in', ['terminating', 'terminated'])
    .select(['profile.may_forward', 'profile.may_tty'])
  return (
    profile === '' ? query.where('profile.is_default', '=', true) : query.where('profile.name', '=', profile)
  ).executeTakeFirst()
}

/** By its id alone. */
export async function findLive(db: Kysely<Tables>, id: string): Promise<DeviceRow | undefined> {
  return db.selectFrom('device').selectAll().where('id', '=', id).where('revoked_at', 'is', null).executeTakeFirst()
}

/** The same, and nobody revokes it before the transaction ends. After the lock of its key. */
export async function lockLive(trx: Transaction<Tables>, id: string): Promise<boolean> {
  const query = trx.selectFrom('device').select('id').where('id', '=', id).where('revoked_at', 'is', null)
  return (await query.forUpdate().executeTakeFirst()) !== undefined
}

export async function findAllLive(db: Kysely<Tables>, ids: readonly string[]): Promise<string[]> {
  const query = db.selectFrom('device').select('id').where('id', '=', sql<string>`ANY(${ids})`)
  return (await query.where('revoked_at', 'is', null).execute()).map(({ id }) => id)
}

/** The profiles of these machines with the keys that may use each. */
export async function listPlaces(db: Kysely<Tables>, machines: readonly string[]) {
  return db
    .selectFrom('profile')
    .leftJoin('device', join => join.onRef('device.profile_id', '=', 'profile.id').on('device.revoked_at', 'is', null))
    .where('profile.machine_id', '=', sql<string>`ANY(${machines})`)
    .select(['profile.machine_id', 'profile.name', 'profile.is_default', 'profile.may_forward', 'profile.may_tty'])
    .select(
      sql<string[]>`coalesce(array_agg(device.key ORDER BY device.key) FILTER (WHERE device.id IS NOT NULL), '{}')`.as(
        'keys',
      ),
    )
    .groupBy('profile.id')
    .orderBy('profile.machine_id')
    .orderBy('profile.name')
    .execute()
}

/** One after the other changes how many devices an account has, each until its transaction ends. */
export async function lockCount(trx: Transaction<Tables>, account: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext('device.count'), hashtext(${account}))`.execute(trx)
}

export async function countDevices(db: Kysely<Tables>, of: { account: string } | { profile: string }): Promise<number> {
  const query = db.selectFrom('device').select(({ fn }) => fn.countAll<number>().as('count'))
  const live = query.where('revoked_at', 'is', null)
  const counted =
    'account' in of ? live.where('account_id', '=', of.account) : live.where('profile_id', '=', of.profile)
  return Number((await counted.executeTakeFirstOrThrow()).count)
}

/** The id of the device, and whether it is new: a profile has each key once. */
export async function insertDevice(
  trx: Transaction<Tables>,
  row: Omit<DeviceRow, 'last_used_at' | 'last_used_from' | 'told_at' | 'revoked_at'>,
): Promise<{ id: string; isNew: boolean }> {
  const made = await trx
    .insertInto('device')
    .values(row)
    .onConflict(on => on.columns(['profile_id', 'fingerprint']).where('revoked_at', 'is', null).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (made) return { ...made, isNew: true }
  const before = await trx
    .selectFrom('device')
    .select('id')
    .where('profile_id', '=', row.profile_id)
    .where('fingerprint', '=', row.fingerprint)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow()
  return { ...before, isNew: false }
}

export async function changeName(trx: Transaction<Tables>, id: string, name: string): Promise<void> {
  await trx.updateTable('device').set({ name }).where('id', '=', id).execute()
}

/** False when it was revoked already. */
export async function endDevice(trx: Transaction<Tables>, id: string, now: Date): Promise<boolean> {
  const query = trx.updateTable('device').set({ revoked_at: now }).where('id', '=', id)
  return (await query.where('revoked_at', 'is', null).executeTakeFirst()).numUpdatedRows > 0n
}

/** Notes a use where the last one that was noted is from before `since`. */
export async function noteUse(
  db: Kysely<Tables>,
  id: string,
  { now, since, from }: { now: Date; since: Date; from: string },
): Promise<void> {
  await db
    .updateTable('device')
    .set({ last_used_at: now, last_used_from: from })
    .where('id', '=', id)
    .where(({ or, eb }) => or([eb('last_used_at', 'is', null), eb('last_used_at', '<', since)]))
    .execute()
}

/** Whose a key is: the account's from now on, unless it is another's already. Nobody changes that before the transaction ends. */
export async function claimKey(
  trx: Transaction<Tables>,
  claim: { fingerprint: string; account: string; now: Date },
): Promise<{ account: string; isNew: boolean }> {
  const { fingerprint, account, now } = claim
  const made = await trx
    .insertInto('proven_key')
    .values({ fingerprint, account_id: account, proven_at: now })
    .onConflict(on => on.doNothing())
    .returning('account_id')
    .executeTakeFirst()
  if (made) return { account, isNew: true }
  const [holder] = await lockKeys(trx, [fingerprint])
  // It was given up in between.
  return holder === undefined ? claimKey(trx, claim) : { account: holder, isNew: false }
}

/** Whose these keys are, which nobody changes before the transaction ends. */
export async function lockKeys(trx: Transaction<Tables>, fingerprints: readonly string[]): Promise<string[]> {
  const query = trx
    .selectFrom('proven_key')
    .select('account_id')
    .where('fingerprint', '=', sql<string>`ANY(${fingerprints})`)
  return (await query.orderBy('fingerprint').forUpdate().execute()).map(({ account_id }) => account_id)
}

/** Those of these keys that no device of the account has any more are nobody's. After `lockKeys`. */
export async function freeKeys(
  trx: Transaction<Tables>,
  account: string,
  fingerprints: readonly string[],
): Promise<void> {
  await trx
    .deleteFrom('proven_key')
    .where('account_id', '=', account)
    .where('fingerprint', '=', sql<string>`ANY(${fingerprints})`)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('device')
            .select('device.id')
            .whereRef('device.fingerprint', '=', 'proven_key.fingerprint')
            .where('device.account_id', '=', account)
            .where('device.revoked_at', 'is', null),
        ),
      ),
    )
    .execute()
}

/** True for the first who asks: its owner is told once that the key is another's. */
export async function noteTold(trx: Transaction<Tables>, id: string, now: Date): Promise<boolean> {
  const query = trx.updateTable('device').set({ told_at: now }).where('id', '=', id).where('told_at', 'is', null)
  return (await query.executeTakeFirst()).numUpdatedRows > 0n
}
