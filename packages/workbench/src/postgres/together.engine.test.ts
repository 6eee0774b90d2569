// Backends that start at the same moment on one empty database.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresServer, startPostgres, whyNoPostgres } from './server.ts'

if (whyNoPostgres) console.log(`skipped: ${whyNoPostgres}`)
const here = test.skipIf(whyNoPostgres && !process.env.CI)

let server: PostgresServer
let folder: string
beforeAll(async () => {
  if (whyNoPostgres && !process.env.CI) return
  server = await startPostgres()
  folder = mkdtempSync(join(tmpdir(), 'spoq-together-'))
})
afterAll(async () => {
  await server?.remove()
  if (folder) rmSync(folder, { recursive: true })
})

const start = (name: string, changed: Record<string, string> = {}) =>
  startBackend(
    readConfig({
      SPOQ_DATA_DIR: join(folder, name),
      KEY_FILE: join(folder, 'key'),
      SERVER_PORT: '0',
      BASE_URL: 'http://127.0.0.1:4100',
      DATABASE_URL: server.url,
      LOG_LEVEL: 'error',
      ...changed,
    }),
  )

here('four start together; one with another secret or another address is refused, and names the variable', async () => {
  const backends = await Promise.all(['a', 'b', 'c', 'd'].map(name => start(name)))
  const [one] = backends
  const clients = await one?.database.query('SELECT FROM auth_oauth_client')
  expect(clients).toHaveLength(1)
  // Made before anybody asks for it: of four that are asked at once, each would make its own.
  expect(await one?.database.query('SELECT FROM auth_jwks')).toHaveLength(1)
  const keys = await Promise.all(
    backends.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/identity/jwks`)).text()),
  )
  expect(new Set(keys).size).toBe(1)

  const refused = { code: 'config_invalid' }
  await expect(start('e', { KEY_FILE: join(folder, 'no-key') })).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/^KEY_FILE: /),
  })
  await expect(start('f', { BASE_URL: 'http://127.0.0.1:4101' })).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/^BASE_URL: /),
  })

  await Promise.all(backends.map(backend => backend.stop()))
  await (await start('g', { BASE_URL: 'http://127.0.0.1:4101' })).stop()
})
