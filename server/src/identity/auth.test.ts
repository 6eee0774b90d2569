import { getMigrations } from 'better-auth/db/migration'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testDatabase } from '../db/test-database.ts'
import { authOptions } from './auth.ts'
import { openSocial } from './social/plugin.ts'
import { signInDevice } from './test-device.ts'
import { startTestServer } from './test-server.ts'

const options = {
  baseUrl: 'https://spoq.example',
  secret: 'x'.repeat(43),
  refreshTokenDays: 30,
  accessTokenSeconds: 3_600,
  deviceCodeSeconds: 600,
}
const unused = () => Promise.reject(new Error('not asked in this test'))
const calls = {
  social: openSocial({}, options.baseUrl),
  onSocialSignIn: unused,
  onWayIn: unused,
  ownsMachine: unused,
  verify: unused,
  firstUse: unused,
  acceptJob: unused,
  signingKey: unused,
  onUser: unused,
  loginFor: unused,
}

test('the frozen migration is what better-auth wants', async () => {
  const { db, close } = await testDatabase()
  const wanted = await getMigrations(authOptions({ ...options, ...calls, db: db as never }))
  expect(wanted).toMatchObject({ toBeCreated: [], toBeAdded: [], toBeAddedIndexes: [], schemaProblems: [] })
  await close()
})

test('on https the cookie is tied to the host', () => {
  const made = authOptions({
    ...options,
    ...calls,
    db: {} as never,
  })
  expect(made.advanced.cookies.session_token).toEqual({
    name: '__Host-spoq_session',
    attributes: { secure: true, httpOnly: true, sameSite: 'lax', path: '/' },
  })
})

test('the database holds no signing key, password or refresh token that could be used', async () => {
  const server = await startTestServer()
  const { tokens } = await signInDevice(server, 'alice@example.com', 'laptop')
  const { rows } = await sql<{ row: string }>`
    select auth_jwks::text as row from auth_jwks
    union all select auth_account::text from auth_account
    union all select auth_oauth_refresh_token::text from auth_oauth_refresh_token`.execute(server.db)
  const all = rows.map(({ row }) => row).join('\n')
  expect(rows).toHaveLength(3)
  expect(all).not.toContain(tokens.refresh_token)
  expect(all).not.toContain('correct horse')
  expect(all).not.toMatch(/"+d"+\s*:/)
  await server.close()
})
