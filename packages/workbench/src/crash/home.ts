import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testPlace } from '@spoq/server/db/test-database'
import { madeProgram, type Program } from './program.ts'

/** Where a backend keeps all it has. A database knows the secret of its data folder, so each folder has one of its own. */
export interface Home {
  dataDir: string
  /** The PostgreSQL; null: the embedded database of the data folder. */
  databaseUrl: string | null
  /** What is started in it. */
  program: Program
}

/** Works on a home without a machine, which is gone afterwards. Its database is on SPOQ_TEST_DATABASE_URL where that is set. */
export async function withHome<T>(work: (home: Home) => Promise<T>): Promise<T> {
  const program = await madeProgram()
  const { url: databaseUrl, drop } = await testPlace()
  const dataDir = mkdtempSync(join(tmpdir(), 'spoq-crash-'))
  // A database somewhere else does not know the secret of a folder that was used before.
  if (databaseUrl === null) cpSync(program.home, dataDir, { recursive: true })
  else mkdirSync(join(dataDir, 'machines'))
  try {
    return await work({ dataDir, databaseUrl, program })
  } finally {
    rmSync(dataDir, { recursive: true })
    await drop()
  }
}
