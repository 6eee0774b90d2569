// For tests: identity with both services set up, and a person who goes to one with a browser and comes back.

import type { SecurityEvent } from '@spoq/contracts/account'
import { Browser, startTestServer, type TestServer, type Visit } from '../test-server.ts'
import type { AppOptions, SocialId } from './provider.ts'

/** A stand-in of a service, with our app in it. */
interface Service extends AppOptions {
  redirectUri: string
  stop(): Promise<void>
}

export interface TestServices<Github, Google> extends TestServer {
  github: Github
  google: Google
  /** What was logged. */
  logged: string[]
}

export async function startTestServices<Github extends Service, Google extends Service>(
  github: Github,
  google: Google,
): Promise<TestServices<Github, Google>> {
  const logged: string[] = []
  const log = (_: string, event: string, more: object = {}) => void logged.push(`${event} ${JSON.stringify(more)}`)
  const app = ({ clientId, clientSecret, url }: Service) => ({ clientId, clientSecret, url })
  const server = await startTestServer({ social: { github: app(github), google: app(google) }, log })
  github.redirectUri = `${server.url}/auth/github/callback`
  google.redirectUri = `${server.url}/auth/google/callback`
  const close = async () => {
    await server.close()
    await Promise.all([github.stop(), google.stop()])
  }
  return { ...server, github, google, logged, close }
}

/** Goes to the service, which answers at once: the address that it sends the browser back to. */
export async function answerOf(service: URL | string): Promise<string> {
  const response = await fetch(service, { redirect: 'manual' })
  const back = response.headers.get('location')
  if (!back) throw new Error(`the service said ${response.status}: ${await response.text()}`)
  return back
}

/** Signs in with a service, to the page where that ends. */
export async function signInVia(browser: Browser, id: SocialId, next?: string): Promise<Visit> {
  const there = await browser.get(`/auth/${id}${next ? `?${new URLSearchParams({ next })}` : ''}`)
  return there.status === 0 ? browser.get(await answerOf(there.url)) : there
}

/** Connects the account that is signed in to a service, to the page where that ends. */
export async function connect(browser: Browser, id: SocialId): Promise<Visit> {
  const there = await browser.post('/account/security', { step: 'connect', service: id })
  const [, to] = /^0; url=(.+)$/.exec(there.headers.get('refresh') ?? '') ?? []
  return to ? browser.get(await answerOf(to)) : there
}

export const disconnect = (browser: Browser, id: SocialId) =>
  browser.post('/account/security', { step: 'disconnect', service: id })

/** The account that a browser is signed in as; null: none. */
export async function accountOf({ url }: TestServer, { cookieHeader }: Browser) {
  const response = await fetch(`${url}/api/account`, { headers: { cookie: cookieHeader } })
  return response.ok ? ((await response.json()) as { id: string; email: string; emailVerified: boolean }) : null
}

/** What its security log says, oldest first. */
export async function actionsOf({ url }: TestServer, { cookieHeader }: Browser): Promise<string[]> {
  const response = await fetch(`${url}/api/account/security-log`, { headers: { cookie: cookieHeader } })
  const { events } = (await response.json()) as { events: SecurityEvent[] }
  return events.reverse().map(({ action, reason }) => (reason ? `${action} ${reason}` : action))
}

/** A new account with a password, signed in; its address is verified where that is asked for. */
export async function withPassword(server: TestServer, email: string, verified: boolean): Promise<Browser> {
  const browser = new Browser(server.url)
  await browser.signUp(email)
  if (!verified) return browser
  await browser.post('/account/verify', {})
  const mail = server.mails.findLast(({ to }) => to === email)
  await browser.post('/account/verify', { code: /^\s*(\d{6})$/m.exec(mail?.text ?? '')?.[1] ?? '' })
  return browser
}
