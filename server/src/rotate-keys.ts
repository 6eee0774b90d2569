// `rotate-keys`, outside of any backend: opens what it needs, rotates, closes it.

import { SpoqError } from '@spoq/contracts/problem'
import type { Config } from './config.ts'
import { hasDatabase } from './db/embedded.ts'
import { migrate } from './db/migrate.ts'
import { defaultPorts } from './ports.ts'
import { checkKeys } from './secret/check-keys.ts'
import { openKeys } from './secret/open-keys.ts'
import { type Rotated, rotate } from './secret/rotate.ts'

/**
 * Seals all secrets of a database under a new key.
 * @throws SpoqError `config_invalid` when there is no database, or these are not its keys; `unavailable`.
 */
export async function rotateKeys(config: Config, options: { forgetOld: boolean }): Promise<Rotated> {
  if (config.databaseUrl === null && !hasDatabase(config.dataDir))
    throw new SpoqError('config_invalid', {
      message: `SPOQ_DATA_DIR: there is no database in ${config.dataDir}`,
      next: 'Name the data folder of the backend, or its DATABASE_URL.',
    })
  const { openDatabase, log, now } = defaultPorts(config)
  const database = await openDatabase({ dataDir: config.dataDir, url: config.databaseUrl })
  try {
    const { db } = database
    const opened = openKeys(config, log)
    const deps = { db, keys: opened.keys, now, log }
    await database.locked('start', async () => {
      await migrate(db)
      await checkKeys(deps, opened, config)
    })
    return await rotate({ ...deps, database, local: opened.local }, options)
  } finally {
    await database.close()
  }
}
