import { afterEach, beforeEach, expect, test } from 'vitest'
import { canOpenBrowser } from './browser.ts'
import { signInByLoopback } from './loopback.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

let standIn: StandIn
beforeEach(async () => {
  standIn = await startStandIn()
})
afterEach(() => standIn[Symbol.asyncDispose]())

/** The person, who comes back from the server's page with these words. */
function comeBack(answer: (state: string) => Record<string, string>) {
  return async (shown: string) => {
    const asked = new URL(shown).searchParams
    const back = new URL(String(asked.get('redirect_uri')))
    for (const [name, value] of Object.entries(answer(String(asked.get('state'))))) back.searchParams.set(name, value)
    expect((await fetch(new URL('/favicon.ico', back))).status).toBe(404)
    expect(await (await fetch(back)).text()).toContain('Back to the terminal')
  }
}

const signIn = (show: (url: string) => void) => signInByLoopback(standIn.url, { now: Date.now, show })

test('the browser is sent with PKCE for the server itself, and comes back to a port of this computer', async () => {
  let shown = new URL('about:blank')
  const { clientId, tokens } = await signIn(url => {
    shown = new URL(url)
    void comeBack(state => ({ code: 'a-code', state }))(url)
  })
  expect(clientId).toBe('a-client')
  expect(tokens).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-1' })
  expect(Object.fromEntries(shown.searchParams)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    resource: standIn.url,
    redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
  })
  await expect(fetch(String(shown.searchParams.get('redirect_uri')))).rejects.toThrow()
})

test('a person who says no is heard', async () => {
  const denied = signIn(comeBack(state => ({ error: 'access_denied', state })))
  await expect(denied).rejects.toMatchObject({ code: 'code_denied' })
})

test('an answer to somebody else’s question gets no token', async () => {
  await expect(signIn(comeBack(() => ({ code: 'a-code', state: 'theirs' })))).rejects.toThrow()
  expect(standIn.granted).toEqual([])
})

test('a code that was used already has expired', async () => {
  standIn.script.grants = { authorization_code: 'invalid_grant' }
  await expect(signIn(comeBack(state => ({ code: 'a-code', state })))).rejects.toMatchObject({ code: 'code_expired' })
})

test('a browser is opened only where the person sits', () => {
  const here = { interactive: true, animated: true }
  expect(canOpenBrowser(here, { DISPLAY: ':0' }, 'linux')).toBe(true)
  expect(canOpenBrowser(here, {}, 'darwin')).toBe(true)
  expect(canOpenBrowser(here, {}, 'linux')).toBe(false)
  expect(canOpenBrowser(here, { DISPLAY: ':0', SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' }, 'linux')).toBe(false)
  expect(canOpenBrowser({ ...here, interactive: false }, { DISPLAY: ':0' }, 'linux')).toBe(false)
})
