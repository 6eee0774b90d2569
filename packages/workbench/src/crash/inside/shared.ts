// Opens the database that the runs share, with what the bench adds to it.

import type { Database } from '@spoq/server/db/open'
import type { Dialect } from 'kysely'
import { installWitness } from '../rows.ts'
import type { Shared } from './world.ts'

/** `open` opens a migrated database, through the wrap that it is given. */
export async function share(open: (wrap: (dialect: Dialect) => Dialect) => Promise<Database>): Promise<Shared> {
  let dialect: Dialect | undefined
  const database = await open(own => {
    dialect = own
    return own
  })
  if (!dialect) throw new Error('the database was opened without its wrap')
  await database.query('CREATE TABLE IF NOT EXISTS crash_wake (machine text)')
  await installWitness(database)
  return { database, dialect }
}
