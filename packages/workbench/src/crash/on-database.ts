import { testPlace } from '@spoq/server/db/test-database'

/** Works on an empty database of the PostgreSQL at SPOQ_TEST_DATABASE_URL, dropped afterwards; else on the embedded one. */
export async function onDatabase<T>(work: (databaseUrl: string | null) => Promise<T>): Promise<T> {
  const { url, drop } = await testPlace()
  try {
    return await work(url)
  } finally {
    await drop()
  }
}
