import type { Machine } from '@spoq/contracts/machine'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { toMachine } from './shape.ts'
import { listOwned } from './store.ts'

/** The machines of an account, newest first; with `all`, those that are gone too; with `only`, no other than that one. */
export async function list(
  db: Kysely<Tables>,
  account: string,
  all: boolean,
  only: string | null = null,
): Promise<Machine[]> {
  const rows = await listOwned(db, account, all)
  return rows.filter(({ id }) => only === null || id === only).map(toMachine)
}
