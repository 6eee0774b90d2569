import type { Domain } from '@spoq/contracts/domain'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { ownMachine } from '../machine/owner.ts'
import { toDomain } from './shape.ts'
import { listDomains } from './store.ts'

/** @throws SpoqError `machine_not_found`. */
export async function list(db: Kysely<Tables>, account: string, machine: string): Promise<Domain[]> {
  await ownMachine(db, account, machine)
  return (await listDomains(db, machine)).map(toDomain)
}
