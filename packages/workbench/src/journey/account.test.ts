// Looking after an account from the command line, at a real backend that writes its mails into a folder.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Computer, newComputer, post, register, signIn } from './computer.ts'
import { type Home, startHome } from './home.ts'
import { mailed as mailedTo, verifyCode } from './mailed.ts'

const person = { email: 'carer@example.com', password: 'a long password' }
let home: Home
let laptop: Computer

beforeAll(async () => {
  home = await startHome()
  laptop = newComputer(home.server)
  await register(home.server, person)
  await signIn(home.server, laptop, person)
}, 120_000)

afterAll(async () => {
  laptop.remove()
  await home.close()
})

const mailed = (pattern: RegExp) => mailedTo(home, person.email, pattern)

test('account show says whose it is and what is missing', async () => {
  const { status, stdout } = await laptop.spoq(['account', 'show'])
  expect(status).toBe(0)
  expect(stdout).toMatch(/email +carer@example\.com \(not verified: spoq account verify\)/)
  expect(JSON.parse((await laptop.spoq(['account', 'show', '--json'])).stdout)).toMatchObject({
    account: { email: person.email, emailVerified: false, name: 'carer' },
    server: home.server,
  })
})

test('account verify sends a code, takes it, and says so when there is nothing to do', async () => {
  const sent = await laptop.spoq(['account', 'verify'])
  expect(sent).toMatchObject({ status: 0, stdout: 'Then run: spoq account verify --code CODE\n' })
  expect(sent.stderr).toContain(`A code was sent to ${person.email}.`)
  const code = await mailed(verifyCode)
  const other = code.replace(/\d$/, last => String((Number(last) + 1) % 10))
  const wrong = await laptop.spoq(['account', 'verify', '--code', other, '--json'])
  expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: 'code_wrong' } })
  expect(await laptop.spoq(['account', 'verify', '--code', code])).toMatchObject({
    status: 0,
    stdout: 'Your e-mail address is verified.\n',
  })
  expect((await laptop.spoq(['account', 'show'])).stdout).toContain('(verified)')
  expect(JSON.parse((await laptop.spoq(['account', 'verify', '--json'])).stdout)).toMatchObject({ verified: true })
})

test('account log tells it, newest first', async () => {
  const { stdout, status } = await laptop.spoq(['account', 'log'])
  expect(status).toBe(0)
  const [head = '', ...rows] = stdout.trim().split('\n')
  expect(head).toMatch(/^WHEN +WHAT +FROM +BY +HOW/)
  expect(rows.map(row => /account\.\S+|login\.\S+/.exec(row)?.[0])).toEqual([
    'account.verify',
    'login.create',
    'account.sign-in',
  ])
  expect(rows[0]).toContain('127.0.0.1')
  const { events } = JSON.parse((await laptop.spoq(['account', 'log', '--json'])).stdout)
  expect(events[0]).toMatchObject({ action: 'account.verify', address: '127.0.0.1' })
})

test('account password changes it, by the present one alone, and signs everything else out', async () => {
  const other = newComputer(home.server)
  await signIn(home.server, other, person)
  const change = (input: string, ...more: string[]) =>
    laptop.spoq(['account', 'password', '--stdin', '--json', ...more], { input })
  expect(JSON.parse((await laptop.spoq(['account', 'password', '--json'])).stdout)).toMatchObject({
    error: { code: 'needs_terminal', next: 'Say it with --stdin.' },
  })
  for (const [input, code] of [
    ['a long password\n', 'usage'],
    ['a long password\nshort\n', 'usage'],
    ['not the password\nmuch longer\n', 'wrong_password'],
  ] as const)
    expect(JSON.parse((await change(input)).stdout)).toMatchObject({ error: { code } })

  const changed = await change(`${person.password}\nthe second one\n`, '--keep-others')
  expect(changed).toMatchObject({ status: 0, stderr: '' })
  expect((await other.spoq(['account', 'show'])).status).toBe(0)
  expect(await change(`the second one\n${person.password}\n`)).toMatchObject({ status: 0 })
  expect((await other.spoq(['account', 'show'])).status).toBe(3)
  expect((await laptop.spoq(['account', 'show'])).status).toBe(0)
  other.remove()
})

test('account reset-password sends a link, also where nobody is signed in; afterwards all is signed out', async () => {
  const stranger = newComputer(home.server)
  expect(JSON.parse((await stranger.spoq(['account', 'reset-password', '--json'])).stdout)).toMatchObject({
    error: { code: 'needs_terminal' },
  })
  const nobody = await stranger.spoq(['account', 'reset-password', 'nobody@example.com'])
  const known = await laptop.spoq(['account', 'reset-password'])
  expect([nobody.status, known.status]).toEqual([0, 0])
  expect(nobody.stdout.replace('nobody@', 'carer@')).toBe(known.stdout)
  const token = await mailed(/token=([\w-]{43})/)
  const confirmed = await post(home.server, '/api/account/password-reset/confirm', { token, password: 'another one' })
  expect(confirmed.statusCode).toBe(204)
  const after = await laptop.spoq(['account', 'show', '--json'])
  expect(after.status).toBe(3)
  stranger.remove()
})
