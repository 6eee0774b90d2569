import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { Browser, startTestServer, type TestServer } from '../test-server.ts'
import { turnOn } from '../totp/test-code.ts'
import { tellChanges } from './change.ts'

let server: TestServer
let person = 0
const password = 'correct horse'
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
afterEach(() => void vi.useRealTimers())

const later = (seconds: number) => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })

async function newAccount() {
  const email = `person-${++person}@example.com`
  const browser = new Browser(server.url)
  await browser.signUp(email)
  const users = server.db.selectFrom('auth_user').select('id').where('email', '=', email)
  return { email, browser, account: (await users.executeTakeFirstOrThrow()).id }
}

const log = (account: string) =>
  server.db
    .selectFrom('audit_record')
    .select(['action', 'reason', 'address'])
    .where('account_id', '=', account)
    .orderBy('id')
    .execute()
const mailsTo = (email: string) => server.mails.filter(({ to }) => to === email).map(({ subject }) => subject)

/** What better-auth writes, by a backend that dies right after it. */
const turnOnAndDie = (account: string, on: boolean) =>
  server.db.updateTable('auth_user').set({ twoFactorEnabled: on }).where('id', '=', account).execute()
const linkAndDie = (account: string) =>
  server.db
    .insertInto('auth_account')
    .values({
      id: `${account}g`,
      accountId: account,
      providerId: 'github',
      userId: account,
      password: null,
      createdAt: new Date(),
      updatedAt: new Date(),
    })
    .execute()

// Mutants: the trigger left out; the note taken away before it is told; told again by each sweep.
test('a crash right after the change loses neither the entry nor the mail, and doubles none', async () => {
  const { email, account } = await newAccount()
  await turnOnAndDie(account, true)
  await turnOnAndDie(account, true)
  await linkAndDie(account)
  await turnOnAndDie(account, false)
  await server.identity.sweep()
  expect(await log(account), 'it may be told by its request still').toEqual([])
  later(61)
  await Promise.all([server.identity.sweep(), server.identity.sweep()])
  await server.identity.sweep()
  expect((await log(account)).sort((a, b) => (a.action < b.action ? -1 : 1))).toEqual([
    { action: 'account.link', reason: 'GitHub', address: null },
    { action: 'totp.off', reason: null, address: null },
    { action: 'totp.on', reason: null, address: null },
  ])
  expect(new Set(mailsTo(email))).toEqual(
    new Set([
      'The second step of your Spoq sign-in is on',
      'The second step of your Spoq sign-in is off',
      'GitHub is now connected to your Spoq account',
    ]),
  )
})

test('told by its request it says where that came from, and the sweep adds nothing', async () => {
  const { email, account, browser } = await newAccount()
  await turnOn(browser, password)
  later(61)
  await server.identity.sweep()
  expect(await log(account)).toEqual([{ action: 'totp.on', reason: null, address: '127.0.0.1' }])
  expect(mailsTo(email)).toEqual(['The second step of your Spoq sign-in is on'])
})

test('the mail that cannot be written takes the entry with it, and both come later', async () => {
  const { account } = await newAccount()
  await turnOnAndDie(account, true)
  const full = { put: async () => Promise.reject(new Error('disk full')), wake: () => {} }
  const deps = { db: server.db, now: Date.now, mail: full }
  await expect(tellChanges(deps, account, null)).rejects.toThrow('disk full')
  expect(await log(account)).toEqual([])
  await tellChanges({ ...deps, mail: { ...full, put: async () => {} } }, account, null)
  expect((await log(account)).map(({ action }) => action)).toEqual(['totp.on'])
})

test('nothing else is taken for a change', async () => {
  const { account } = await newAccount()
  await turnOnAndDie(account, false)
  await server.db.updateTable('auth_user').set({ name: 'Alicia' }).where('id', '=', account).execute()
  expect(await server.db.selectFrom('security_change').selectAll().where('account_id', '=', account).execute()).toEqual(
    [],
  )
})
