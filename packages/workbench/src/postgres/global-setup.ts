// Around a run of tests that are to see a PostgreSQL where they ask for a database.

import { startPostgres } from './server.ts'

export default async function setUp(): Promise<() => Promise<void>> {
  const server = await startPostgres()
  process.env.SPOQ_TEST_DATABASE_URL = server.url
  return () => server.remove()
}
