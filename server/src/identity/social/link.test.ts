// Which accounts a service leads into, and who may say so: an address that nobody verified must lead into none.

import { githubPerson, startGithub } from '@spoq/workbench/stand-ins/github'
import { googlePerson, startGoogleSignIn } from '@spoq/workbench/stand-ins/google-sign-in'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Browser } from '../test-server.ts'
import {
  accountOf,
  actionsOf,
  answerOf,
  connect,
  disconnect,
  signInVia,
  startTestServices,
  withPassword,
} from './test-services.ts'

const start = async () => startTestServices(await startGithub(), await startGoogleSignIn())
let server: Awaited<ReturnType<typeof start>>
let person = 0
beforeAll(async () => {
  server = await start()
})
afterAll(() => server.close())
beforeEach(async () => {
  // Ten people a minute may sign up from one address.
  await server.db.deleteFrom('attempt').execute()
  server.github.person = null
  server.google.person = null
})

const newPerson = () => `person-${++person}@example.com`
const browserOf = () => new Browser(server.url)
const mailsTo = (email: string) => server.mails.filter(({ to }) => to === email)
async function resetPassword(email: string, password: string): Promise<void> {
  await browserOf().post('/auth/forgot', { email })
  const token = /token=([\w-]{43})\s/.exec(mailsTo(email).at(-1)?.text ?? '')?.[1] ?? ''
  expect((await browserOf().post('/auth/reset', { token, password })).status).toBe(200)
}

test('where both sides know the address, the service leads into the account that is there', async () => {
  const email = newPerson()
  const own = await withPassword(server, email, true)
  server.github.person = githubPerson('octo', email.toUpperCase())
  const browser = browserOf()
  expect((await signInVia(browser, 'github')).url.pathname).toBe('/auth/done')
  expect((await accountOf(server, browser))?.id).toBe((await accountOf(server, own))?.id)
  expect(await actionsOf(server, own)).toEqual(['account.verify', 'account.link GitHub', 'account.sign-in with GitHub'])
  expect(mailsTo(email).at(-1)?.subject).toBe('GitHub is now connected to your Spoq account')
})

test.each(['github', 'google'] as const)(
  '%s that does not know the address for theirs leads into nobody’s account',
  async id => {
    const email = newPerson()
    await withPassword(server, email, true)
    server.github.person = githubPerson('mallory', email, { verified: false })
    server.google.person = googlePerson('Mallory', email, false)
    const mallory = browserOf()
    const { text, status } = await signInVia(mallory, id)
    expect(status).toBe(403)
    expect(text).toMatch(/There is an account with your e-mail address already.*Sign in with its password.*connect/)
    expect(await accountOf(server, mallory)).toBeNull()
    // Saying it again, verified or not, does not make it so.
    await signInVia(mallory, id)
    expect(await accountOf(server, mallory)).toBeNull()
  },
)

test('who signed up with a foreign address gets no owner of it led into their account', async () => {
  const email = newPerson()
  const mallory = await withPassword(server, email, false)
  server.github.person = githubPerson('victim', email)
  server.google.person = googlePerson('Victim', email)
  for (const id of ['github', 'google'] as const) {
    const victim = browserOf()
    expect((await signInVia(victim, id)).text).toContain('There is an account with your e-mail address already')
    expect(await accountOf(server, victim)).toBeNull()
  }
  expect((await accountOf(server, mallory))?.emailVerified).toBe(false)
})

test('the owner of the address takes such an account by its mail, and nothing of the other stays', async () => {
  const email = newPerson()
  // The other came with a service that takes any address.
  const mallorys = githubPerson('mallory', email, { verified: false })
  server.github.person = mallorys
  const mallory = browserOf()
  await signInVia(mallory, 'github')
  expect((await accountOf(server, mallory))?.email).toBe(email)

  await resetPassword(email, 'the owner chose it')
  expect(await accountOf(server, mallory)).toBeNull()
  server.github.person = mallorys
  const again = browserOf()
  expect((await signInVia(again, 'github')).status).toBe(403)
  expect(await accountOf(server, again)).toBeNull()

  server.google.person = googlePerson('Owner', email)
  const owner = browserOf()
  await signInVia(owner, 'google')
  expect(await accountOf(server, owner)).toMatchObject({ email, emailVerified: true })
})

test('no service is connected to an account whose address is not verified', async () => {
  const browser = await withPassword(server, newPerson(), false)
  server.github.person = githubPerson('mallory', 'mallory@example.com')
  const { text, status } = await connect(browser, 'github')
  expect([status, text.includes('not verified')]).toEqual([403, true])
  expect(text).toContain('Not connected to GitHub.')
})

test('on the security page one connects, also with another address, and disconnects; both are told', async () => {
  const email = newPerson()
  const browser = await withPassword(server, email, true)
  const { id } = (await accountOf(server, browser)) ?? {}
  server.github.person = githubPerson('octo', 'octo-elsewhere@example.com')
  const connected = await connect(browser, 'github')
  expect(connected.url.pathname).toBe('/account/security')
  expect(connected.text).toMatch(/Connected to GitHub since \d{4}-\d\d-\d\d\./)
  const via = browserOf()
  await signInVia(via, 'github')
  expect(await accountOf(server, via)).toMatchObject({ id, email })

  expect((await disconnect(browser, 'github')).text).toContain('Not connected to GitHub.')
  expect(
    mailsTo(email)
      .map(({ subject }) => subject)
      .slice(-2),
  ).toEqual(['GitHub is now connected to your Spoq account', 'GitHub is no longer connected to your Spoq account'])
  const log = await actionsOf(server, browser)
  expect(log.filter(action => /link/.test(action))).toEqual(['account.link GitHub', 'account.unlink GitHub'])
  const after = browserOf()
  await signInVia(after, 'github')
  expect((await accountOf(server, after))?.id).not.toBe(id)
})

test('somebody at a service is one account here', async () => {
  const [first, second] = [await withPassword(server, newPerson(), true), await withPassword(server, newPerson(), true)]
  server.github.person = githubPerson('octo', 'octo-one@example.com')
  await connect(first, 'github')
  const { text, status } = await connect(second, 'github')
  expect([status, text.includes('is connected to another account here')]).toEqual([403, true])
  expect(text).toContain('Security of your account')
})

test('the last way in stays, also when two are taken away at once', async () => {
  const email = newPerson()
  server.github.person = githubPerson('octo', email)
  server.google.person = googlePerson('Octo', email)
  const browser = browserOf()
  await signInVia(browser, 'github')
  const refused = await disconnect(browser, 'github')
  expect(refused.text).toMatch(/Nothing else leads into this account\. Set a password first/)
  expect(refused.status).toBe(409)
  await signInVia(browser, 'google')
  await Promise.all([disconnect(browser, 'github'), disconnect(browser, 'google')])
  const left = (await browser.get('/account/security')).text.match(/Connected to \w+ since/g)
  expect(left).toHaveLength(1)

  await resetPassword(email, 'a password of mine')
  const again = browserOf()
  await again.post('/auth/sign-in', { email, password: 'a password of mine' })
  await signInVia(again, 'github')
  expect((await disconnect(again, 'github')).status).toBe(200)
})

test('a form of another site connects and disconnects nothing, nor does who is not signed in', async () => {
  const browser = await withPassword(server, newPerson(), true)
  server.github.person = githubPerson('octo', 'octo-forms@example.com')
  for (const step of ['connect', 'disconnect']) {
    const fields = { step, service: 'github' }
    expect((await browser.post('/account/security', fields, 'https://evil.example')).status).toBe(403)
    expect((await browserOf().post('/account/security', fields)).status).toBe(401)
  }
  const wrong = { connect: ['credential', ''], disconnect: ['__proto__', ''], '': ['github'] }
  for (const [step, services] of Object.entries(wrong))
    for (const service of services)
      expect((await browser.post('/account/security', { step, service })).status, `${step} ${service}`).toBe(400)
})

test("a connection that was begun here is not ended in another's browser", async () => {
  const [mallory, victim] = [
    await withPassword(server, newPerson(), true),
    await withPassword(server, newPerson(), true),
  ]
  server.github.person = githubPerson('mallory', 'mallory-begins@example.com')
  const begun = await mallory.post('/account/security', { step: 'connect', service: 'github' })
  const back = await answerOf((begun.headers.get('refresh') ?? '').replace('0; url=', ''))
  await victim.get(back)
  expect((await victim.get('/account/security')).text).toContain('Not connected to GitHub.')
  expect((await mallory.get('/account/security')).text).toContain('Not connected to GitHub.')
})
