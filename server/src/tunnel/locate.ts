import type { Whereabouts } from '@spoq/contracts/gateway'
import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { findMachine } from '../machine/store.ts'
import { whereIs } from '../name/where.ts'

/** Where a name leads. @throws SpoqError `not_found`. */
export async function locate(
  { db, now }: { db: Kysely<Tables>; now: () => number },
  name: string,
): Promise<Whereabouts> {
  const id = await whereIs(db, name, now())
  const row = id === null ? undefined : await findMachine(db, id)
  if (!row || row.wanted === 'terminated')
    throw new SpoqError('not_found', { message: `No machine is called ${name}.` })
  return { machine: row.id, running: row.wanted === 'running' && row.holds.length === 0 }
}
