// Mails through a real SMTP server on this computer, and into the folder.

import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { sql } from 'kysely'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { folderSender } from './folder.ts'
import type { Mail } from './mail.ts'
import { openMail } from './open.ts'
import { backOffMs, deliverDue, type OutboxDeps } from './outbox.ts'
import { smtpSender } from './smtp.ts'
import { type MailDb, putMail } from './store.ts'
import { writeMail } from './template.ts'

const secret = 'a secret of this test'
const from = 'Spoq <spoq@mail.example>'
let database: Database
let db: MailDb
let at = 0
let logged: string[] = []
const undo: (() => unknown)[] = []

beforeAll(async () => {
  database = await testDatabase()
  db = database.db as never
})
afterAll(() => database.close())
beforeEach(async () => {
  at = Date.UTC(2030, 0)
  logged = []
  await db.deleteFrom('mail').execute()
})
afterEach(async () => {
  for (const step of undo.splice(0)) await step()
})

interface Post {
  url: string
  /** What was taken, as it came. */
  taken: string[]
  secured: boolean[]
}

async function post(options: SMTPServerOptions = {}): Promise<Post> {
  const taken: string[] = []
  const secured: boolean[] = []
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onData(stream, session, done) {
      stream.toArray().then(chunks => {
        taken.push(Buffer.concat(chunks).toString())
        secured.push(session.secure)
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  undo.push(() => new Promise<void>(resolve => server.close(() => resolve())))
  return { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, taken, secured }
}

const letter: Mail = { to: 'ada@example.com', subject: 'Your code', text: '123456\n', html: '<p>123456</p>' }
const put = (mail: Mail = letter, seconds = 86_400) =>
  db.transaction().execute(tx => putMail(tx as never, secret, mail, { now: at, seconds }))
const deps = (url: string): OutboxDeps => ({
  db,
  secret,
  send: smtpSender(url, from),
  now: () => at,
  log: (_, event, fields) => logged.push(JSON.stringify({ event, ...fields })),
})
const waiting = async () => (await db.selectFrom('mail').select('id').execute()).length
const messageId = (raw = '') => /^Message-ID: (.*)$/im.exec(raw)?.[1]?.trim()

test('a mail arrives once, over TLS where the server offers it, in both forms', async () => {
  const { url, taken, secured } = await post()
  await put()
  await deliverDue(deps(`${url}?tls.rejectUnauthorized=false`))
  await deliverDue(deps(url))
  expect([taken.length, secured, await waiting()]).toEqual([1, [true], 0])
  expect(taken[0]).toMatch(/^From: Spoq <spoq@mail.example>\r$/m)
  expect(taken[0]).toMatch(/^To: ada@example.com\r$/m)
  expect(taken[0]).toMatch(/^Message-ID: <mail_[0-9a-f]{20}@mail.example>\r$/m)
  expect(taken[0]).toContain('text/plain')
  expect(taken[0]).toContain('text/html')
})

test('to another computer nothing goes without TLS', async () => {
  const plain = await post({ disabledCommands: ['STARTTLS'] })
  // `0.0.0.0` leads to this computer and does not say so.
  await put()
  await deliverDue(deps(plain.url.replace('127.0.0.1', '0.0.0.0')))
  expect([plain.taken.length, await waiting()]).toEqual([0, 1])
  expect(logged[0]).toContain('mail.deferred')
})

test('a mail that was rolled back is never sent', async () => {
  const { url, taken } = await post()
  const failing = db.transaction().execute(async tx => {
    await putMail(tx as never, secret, letter, { now: at, seconds: 60 })
    throw new Error('on purpose')
  })
  await expect(failing).rejects.toThrow('on purpose')
  await deliverDue(deps(url))
  expect(taken).toEqual([])
})

test('a server that is busy gets it later, with more patience each time', async () => {
  let busy = 3
  const { url, taken } = await post({
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_, __, done) => done(busy-- > 0 ? Object.assign(new Error('try later'), { responseCode: 451 }) : null),
  })
  await put()
  for (const wait of [0, 5_000, 10_000, 20_000]) {
    at += wait - 1
    await deliverDue(deps(url))
    expect(taken, 'too early').toEqual([])
    at += 1
    await deliverDue(deps(url))
  }
  expect([taken.length, await waiting()]).toEqual([1, 0])
})

test('a mailbox that does not exist is given up, and the log says neither whose nor what', async () => {
  const { url, taken } = await post({
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _, done) =>
      done(Object.assign(new Error(`no ${address} here, says 123456`), { responseCode: 550 })),
  })
  await put()
  await deliverDue(deps(url))
  expect([taken.length, await waiting()]).toEqual([0, 0])
  expect(logged.join()).toContain('mail.given-up')
  expect(logged.join()).not.toMatch(/ada|123456/)
})

test('our own wrong password at the mail server loses no mail', async () => {
  const { url } = await post({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (_, __, done) => done(new Error('wrong')),
  })
  await put()
  await deliverDue(deps(url.replace('//', '//user:hunter2@')))
  expect(await waiting()).toBe(1)
  expect(logged.join()).not.toContain('hunter2')
})

test('a connection cut after the text is tried again, and both copies have one Message-ID', async () => {
  const raws: string[] = []
  const { url } = await post({
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      stream.toArray().then(chunks => {
        raws.push(Buffer.concat(chunks).toString())
        if (raws.length > 1) return done()
        const open = (server: SMTPServer) => [...(server as unknown as { connections: Set<Cut> }).connections]
        for (const { id, _socket } of open(this as never)) if (id === session.id) _socket.destroy()
      })
    },
  })
  await put()
  await deliverDue(deps(url))
  expect(await waiting()).toBe(1)
  at += 5_000
  await deliverDue(deps(url))
  expect([raws.length, await waiting()]).toEqual([2, 0])
  expect(messageId(raws[0])).toBe(messageId(raws[1]))
  expect(messageId(raws[0])).toContain('mail_')
})

interface Cut {
  id: string
  _socket: { destroy(): void }
}

test('a mail that was never worth anything goes the same way and is not sent', async () => {
  const { url, taken } = await post()
  await put(letter, 0)
  await deliverDue(deps(url))
  expect([taken.length, await waiting()]).toEqual([0, 0])
})

test('nobody there: it waits until it is worth nothing any more', async () => {
  await put(letter, 12)
  const nobody = deps('smtp://127.0.0.1:1')
  await deliverDue(nobody)
  expect(await waiting()).toBe(1)
  at += 5_000
  await deliverDue(nobody)
  expect(await waiting()).toBe(0)
})

test('two backends at once send each mail once', async () => {
  const { url, taken } = await post({ disabledCommands: ['STARTTLS'] })
  for (let i = 0; i < 12; i++) await put()
  await Promise.all([deliverDue(deps(url)), deliverDue(deps(url))])
  expect(taken).toHaveLength(12)
  expect(new Set(taken.map(messageId)).size).toBe(12)
})

test('one that died while sending is sent by the next, two minutes later', async () => {
  const { url, taken } = await post({ disabledCommands: ['STARTTLS'] })
  await put()
  void deliverDue({ ...deps(url), send: () => new Promise(() => {}) })
  await expect.poll(() => db.selectFrom('mail').select('tries').executeTakeFirst()).toEqual({ tries: 1 })
  await deliverDue(deps(url))
  expect(taken).toEqual([])
  at += 120_000
  await deliverDue(deps(url))
  expect(taken).toHaveLength(1)
})

test('no name or subject adds a header, a recipient or a tag', async () => {
  const { url, taken } = await post({ disabledCommands: ['STARTTLS'] })
  const evil = 'x\r\nBcc: eve@evil.example\r\n\r\n<script>alert(1)</script>'
  await put(await writeMail({ to: 'ada@example.com', subject: evil, text: evil, otherwise: evil }))
  await put({ ...letter, subject: evil })
  await deliverDue(deps(url))
  expect(taken).toHaveLength(2)
  for (const raw of taken) {
    const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
    expect(head).not.toMatch(/^bcc:/im)
  }
  const { html } = await writeMail({ to: 'a@b.c', subject: evil, text: evil, otherwise: evil })
  expect(html).not.toContain('<script>')
})

test('an address with commas and brackets is one recipient or none', async () => {
  const seen: string[] = []
  const { url } = await post({
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _, done) => {
      seen.push(address)
      done()
    },
  })
  await put({ ...letter, to: 'ada@example.com, eve@evil.example' })
  await put({ ...letter, to: 'ada@example.com>\r\nRCPT TO:<eve@evil.example' })
  await deliverDue(deps(url))
  expect(seen).not.toContain('eve@evil.example')
})

test('what waits is sealed', async () => {
  await put()
  const { rows } = await sql<{ row: string }>`select mail::text as row from mail`.execute(db)
  // With the @: three letters alone come up in sealed bytes by chance.
  expect(rows[0]?.row).not.toMatch(/123456|ada@/)
})

test('without a mail server mails are files for this user alone, and the log says where', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'spoq-mail-'))
  undo.push(() => rmSync(dataDir, { recursive: true }))
  const log: OutboxDeps['log'] = (_, event, fields) => logged.push(JSON.stringify({ event, ...fields }))
  const given = { db, secret, now: () => at, log, smtpUrl: null, from: null }
  const outbox = openMail({ ...given, dataDir, baseUrl: 'http://127.0.0.1:4100' })
  await db.transaction().execute(tx => outbox.put(tx as never, letter))
  outbox.wake()
  const folder = join(dataDir, 'server', 'mail')
  await expect.poll(() => logged.length).toBe(1)
  await outbox.stop()
  const [name = ''] = readdirSync(folder)
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(folder, name), 'utf8')).toMatch(/^From: Spoq <spoq@localhost>$/m)
  expect(logged.join()).toContain(folder)
  expect(logged.join()).not.toContain('123456')
})

test('the same mail twice in the folder is one file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-mail-'))
  undo.push(() => rmSync(folder, { recursive: true }))
  const send = folderSender(folder, from)
  await send('mail_1', letter)
  await send('mail_1', letter)
  expect(readdirSync(folder)).toEqual(['mail_1.eml'])
})

/** Catches a back-off that overflows, shrinks or grows past its bound. */
test('the back-off grows to a bound and stays there', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), tries => {
      expect(backOffMs(tries)).toBeGreaterThanOrEqual(5_000)
      expect(backOffMs(tries + 1)).toBeGreaterThanOrEqual(backOffMs(tries))
      expect(backOffMs(tries)).toBeLessThanOrEqual(900_000)
    }),
  )
})
