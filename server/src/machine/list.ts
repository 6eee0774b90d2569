import type { Machine } from '@spoq/contracts/machine'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { toMachine } from './shape.ts'
import { listOwned } from './store.ts'

/** The machines of an account, newest first; with `all`, those that are gone too. */
export async function list(db: Kysely<Tables>, account: string, all: boolean): Promise<Machine[]> {
  return (await listOwned(db, account, all)).map(toMachine)
}
