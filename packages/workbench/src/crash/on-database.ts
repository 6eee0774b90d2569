import { emptyPostgres } from '@spoq/server/db/test-postgres'

/** Works on an empty database of the PostgreSQL at SPOQ_TEST_DATABASE_URL, dropped afterwards; else on the embedded one. */
export async function onDatabase<T>(work: (databaseUrl: string | null) => Promise<T>): Promise<T> {
  const { SPOQ_TEST_DATABASE_URL: server } = process.env
  if (!server) return work(null)
  const { url, drop } = await emptyPostgres(server)
  try {
    return await work(url)
  } finally {
    await drop()
  }
}
