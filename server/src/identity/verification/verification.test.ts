import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type SignedInDevice, signInDevice } from '../test-device.ts'
import { Browser, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
let person = 0

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
afterEach(() => void vi.useRealTimers())

const newPerson = () => `person-${++person}@example.com`
const later = (seconds: number) => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })

async function call(device: SignedInDevice, path: string, body?: unknown) {
  const response = await fetch(`${server.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${device.tokens.access_token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

const send = (device: SignedInDevice) => call(device, '/api/account/verification', {})
const confirm = (device: SignedInDevice, code: string) => call(device, '/api/account/verification/confirm', { code })
const verified = async (device: SignedInDevice) => (await call(device, '/api/account')).body.emailVerified

function sentTo(email: string): string {
  const mail = server.mails.findLast(({ to }) => to === email)
  return /^\s*(\d{6})$/m.exec(mail?.text ?? '')?.[1] ?? ''
}

const other = (code: string) => code.replace(/\d$/, last => String((Number(last) + 1) % 10))

test('the code that came by mail verifies the address, once', async () => {
  const email = newPerson()
  const device = await signInDevice(server, email, 'laptop')
  expect(await verified(device)).toBe(false)
  expect(await send(device)).toMatchObject({ status: 202, body: { verified: false, email } })
  const code = sentTo(email)
  expect((await confirm(device, ` ${code.slice(0, 3)} ${code.slice(3)} `)).status).toBe(204)
  expect(await verified(device)).toBe(true)

  const mails = server.mails.length
  expect((await send(device)).body).toMatchObject({ verified: true, expiresAt: null })
  expect(server.mails.length).toBe(mails)
  const told = server.db.selectFrom('audit_record').select(['action', 'address', 'account_id'])
  expect(await told.where('resource', '=', device.account).where('action', '=', 'account.verify').execute()).toEqual([
    { action: 'account.verify', address: '127.0.0.1', account_id: device.account },
  ])
})

test('five wrong tries end a code, sent one after the other or all at once', async () => {
  const email = newPerson()
  const device = await signInDevice(server, email, 'laptop')
  await send(device)
  const tried = await Promise.all(Array.from({ length: 8 }, () => confirm(device, other(sentTo(email)))))
  expect(tried.map(({ body }) => body.code).sort()).toEqual([
    ...Array(3).fill('code_expired'),
    ...Array(5).fill('code_wrong'),
  ])
  expect((await confirm(device, sentTo(email))).body.code).toBe('code_expired')
  expect(await verified(device)).toBe(false)
})

test('a new code ends the old; one that is a quarter of an hour old has ended', async () => {
  const email = newPerson()
  const device = await signInDevice(server, email, 'laptop')
  await send(device)
  const first = sentTo(email)
  do await send(device)
  while (sentTo(email) === first)
  expect((await confirm(device, first)).body.code).toBe('code_wrong')
  later(901)
  expect((await confirm(device, sentTo(email))).body.code).toBe('code_expired')
})

test("another account's code is worth nothing", async () => {
  const [alice, eve] = [newPerson(), newPerson()]
  const aliceDevice = await signInDevice(server, alice, 'laptop')
  const eveDevice = await signInDevice(server, eve, 'laptop')
  do await Promise.all([send(aliceDevice), send(eveDevice)])
  while (sentTo(alice) === sentTo(eve))
  expect((await confirm(eveDevice, sentTo(alice))).body.code).toBe('code_wrong')
  expect((await confirm(aliceDevice, sentTo(alice))).status).toBe(204)
  expect(await verified(eveDevice)).toBe(false)
})

test('nobody is flooded with mails', async () => {
  const device = await signInDevice(server, newPerson(), 'laptop')
  const statuses: number[] = []
  for (let i = 0; i < 6; i++) statuses.push((await send(device)).status)
  expect(statuses).toEqual([202, 202, 202, 202, 202, 429])
})

test('a right code that is sent twice at once verifies once', async () => {
  const email = newPerson()
  const device = await signInDevice(server, email, 'laptop')
  await send(device)
  const both = await Promise.all([confirm(device, sentTo(email)), confirm(device, sentTo(email))])
  expect(both.map(({ status }) => status)).toContain(204)
  const records = server.db.selectFrom('audit_record').select('id').where('resource', '=', device.account)
  expect(await records.where('action', '=', 'account.verify').execute()).toHaveLength(1)
})

test('a copy of the table, tried out, gives no code away', async () => {
  const email = newPerson()
  const device = await signInDevice(server, email, 'laptop')
  await send(device)
  const { rows } = await sql<{ hash: string }>`
    select hash from one_time where account_id = ${device.account}`.execute(server.db)
  expect(rows[0]?.hash).toHaveLength(43)
  const { createHash } = await import('node:crypto')
  for (const tried of [sentTo(email), `verify\0${sentTo(email)}`])
    expect(rows[0]?.hash).not.toBe(createHash('sha256').update(tried).digest('base64url'))
})

test('the page sends a code and takes it; a form of another site does neither', async () => {
  const email = newPerson()
  const browser = new Browser(server.url)
  expect((await browser.get('/account/verify')).url.pathname).toBe('/auth/sign-in')
  await browser.signUp(email)
  expect((await browser.get('/account/verify')).text).toContain('Send the code')
  const mails = server.mails.length
  expect((await browser.post('/account/verify', {}, 'https://evil.example')).status).toBe(403)
  expect(server.mails.length).toBe(mails)
  expect((await browser.post('/account/verify', {})).text).toContain('autocomplete="one-time-code"')
  const wrong = await browser.post('/account/verify', { code: other(sentTo(email)) })
  expect(wrong.text).toMatch(/role="alert">The code is wrong. Check it; 4 tries are left/)
  expect(wrong.status).toBe(400)
  expect((await browser.post('/account/verify', { code: sentTo(email) })).text).toContain('Verified')
})
