import { oauth } from '@spoq/contracts/login'
import { githubPerson, startGithub } from '@spoq/workbench/stand-ins/github'
import { googlePerson, startGoogleSignIn } from '@spoq/workbench/stand-ins/google-sign-in'
import * as client from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { registerDevice } from '../test-device.ts'
import { Browser } from '../test-server.ts'
import { totp, turnOn } from '../totp/test-code.ts'
import { accountOf, actionsOf, connect, signInVia, startTestServices, withPassword } from './test-services.ts'

const start = async () => startTestServices(await startGithub(), await startGoogleSignIn())
let server: Awaited<ReturnType<typeof start>>
beforeAll(async () => {
  server = await start()
})
afterAll(() => server.close())

/** An account that asks for a code, and who is at both services with its address. */
async function protectedAccount(email: string) {
  const browser = await withPassword(server, email, true)
  const { secret, recovery } = await turnOn(browser, 'correct horse')
  server.github.person = githubPerson('octo', email)
  server.google.person = googlePerson('Octo', email)
  return { browser, secret, recovery }
}

const step = (browser: Browser, code: string, next: string) => browser.post('/auth/second-step', { code, next })
const sessions = async () => (await server.db.selectFrom('auth_session').select('id').execute()).length

test.each(['github', 'google'] as const)(
  'who comes by %s is asked for the code, connected before or just now',
  async id => {
    const email = `${id}-step@example.com`
    const { browser: own, secret, recovery } = await protectedAccount(email)
    const before = await sessions()
    for (const code of [() => recovery[0] ?? '', () => recovery[1] ?? '']) {
      const browser = new Browser(server.url)
      const asked = await signInVia(browser, id, '/auth/verify?x=1')
      expect(asked.url.href).toBe(`${server.url}/auth/second-step?next=%2Fauth%2Fverify%3Fx%3D1`)
      expect(await accountOf(server, browser)).toBeNull()
      expect(await sessions()).toBe(before)
      expect((await step(browser, '000000', '/auth/verify')).text).toContain('The code is wrong.')
      expect(await accountOf(server, browser)).toBeNull()
      expect((await step(browser, code(), '/auth/verify?x=1')).url.search).toBe('?x=1')
      expect(await accountOf(server, browser)).toMatchObject({ email })
      await browser.post('/auth/sign-out', {})
    }
    // The service alone never counts as a sign-in.
    const log = await actionsOf(server, own)
    expect(log.filter(action => action.startsWith('account.sign-in'))).toEqual(
      Array(2).fill('account.sign-in with a second step'),
    )
    expect(secret).toBeTruthy()
  },
)

test('a device is not approved between the service and the code', async () => {
  const { secret } = await protectedAccount('device-step@example.com')
  const config = await registerDevice(server, 'laptop')
  const { user_code, device_code } = await client.initiateDeviceAuthorization(config, {})
  const browser = new Browser(server.url)
  await signInVia(browser, 'google', `/auth/verify?code=${user_code}`)
  expect((await browser.post('/auth/authorize', { code: user_code, decision: 'approve' })).status).toBe(401)
  const shown = await step(browser, totp(secret), `/auth/verify?code=${user_code}`)
  expect(shown.text).toContain(user_code)
  await browser.post('/auth/authorize', { code: user_code, decision: 'approve' })
  expect((await client.genericGrantRequest(config, oauth.deviceGrant, { device_code })).access_token).toBeTruthy()
})

test('who is signed in and connects a service stays signed in', async () => {
  const { browser } = await protectedAccount('connect-step@example.com')
  expect((await connect(browser, 'github')).text).toContain('Connected to GitHub since')
  expect(await accountOf(server, browser)).toMatchObject({ email: 'connect-step@example.com' })
})
