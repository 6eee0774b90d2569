import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { whyNoPostgres } from './src/postgres/server.ts'

/** `npm test`: every test that needs nothing but this checkout. */
const usual = { name: 'usual', include: ['{packages/*,server}/src/**/*.test.ts'], exclude: ['**/*.engine.test.ts'] }

/** `npm run test:engines`: those that need root and real engines, */
const engines = { name: 'engines', include: ['{packages/*,server}/src/**/*.engine.test.ts'] }

/** and those of the server, of money and of the crash bench once more, which then are given a PostgreSQL wherever they ask for a database. */
const postgres = {
  name: 'postgres',
  include: ['server/src/**/*.test.ts', 'packages/workbench/src/{crash,money}/**/*.test.ts'],
  exclude: ['**/*.engine.test.ts', 'server/src/main.test.ts'],
  globalSetup: join(import.meta.dirname, 'src/postgres/global-setup.ts'),
}

function chosen() {
  if (process.env.SPOQ_TESTS !== 'engines') return [usual]
  if (!whyNoPostgres) return [engines, postgres]
  if (process.env.CI) throw new Error(whyNoPostgres)
  console.log(`skipped: ${whyNoPostgres}`)
  return [engines]
}

/** What takes minutes begins first, so that in the end no worker is left with it alone. */
const long = /\/(?:crash|vps|pool|fuzz)\/|docker\/away|journey\/json|byo\//

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files)
    return usual.toSorted((a, b) => Number(long.test(b.moduleId)) - Number(long.test(a.moduleId)))
  }
}

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    pool: 'forks',
    // Most of a test is waiting for processes: as many as there are cores leave a third of them idle.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // The embedded database is a large program in WebAssembly: to compile it well takes longer than most tests use it.
    execArgv: ['--liftoff-only'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongFirst },
    projects: chosen().map(test => ({ extends: true as const, test })),
  },
})
