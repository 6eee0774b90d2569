import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const engines = process.env.SPOQ_TESTS === 'engines'

/** `npm test` runs `*.test.ts`; `npm run test:engines` runs `*.engine.test.ts`, which need root and real engines. */
export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    include: engines ? ['{packages/*,server}/src/**/*.engine.test.ts'] : ['{packages/*,server}/src/**/*.test.ts'],
    exclude: engines ? [] : ['**/*.engine.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
