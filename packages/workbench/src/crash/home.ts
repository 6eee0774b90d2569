import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testPlace } from '@spoq/server/db/test-database'

/** Where a backend keeps all it has. A database knows the secret of its data folder, so each folder has one of its own. */
export interface Home {
  dataDir: string
  /** The PostgreSQL; null: the embedded database of the data folder. */
  databaseUrl: string | null
}

/** Works on an empty home, which is gone afterwards. Its database is on SPOQ_TEST_DATABASE_URL where that is set. */
export async function withHome<T>(work: (home: Home) => Promise<T>): Promise<T> {
  const { url: databaseUrl, drop } = await testPlace()
  const dataDir = mkdtempSync(join(tmpdir(), 'spoq-crash-'))
  mkdirSync(join(dataDir, 'machines'))
  try {
    return await work({ dataDir, databaseUrl })
  } finally {
    rmSync(dataDir, { recursive: true })
    await drop()
  }
}
