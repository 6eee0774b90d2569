// The sign-in pages in a real browser: real forms, real clicks, its content security policy, its cookies and its keyboard.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { oauth } from '@spoq/contracts/login'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openPage, startChromium, type Visit, whyNoChromium } from './chromium.ts'
import { type Computer, newComputer, register } from './computer.ts'
import { type Home, startHome } from './home.ts'
import { loginOnTerminal } from './terminal.ts'

if (whyNoChromium && process.env.CI === 'true') throw new Error(`the pages cannot be tested: ${whyNoChromium}`)
if (whyNoChromium) console.log(`skipped: ${whyNoChromium}`)

const person = { email: 'browser@example.com', password: 'a long password' }

describe.skipIf(whyNoChromium)('in Chromium', () => {
  let browser: Browser
  let home: Home
  const visits: Visit[] = []
  /** Complaints that belong to what a test does. */
  const expected: RegExp[] = []
  const computers: Computer[] = []

  beforeAll(async () => {
    browser = await startChromium()
    home = await startHome()
    await register(home.server, person)
  }, 120_000)

  afterEach(async () => {
    for (const computer of computers.splice(0)) computer.remove()
    const seen = visits.splice(0)
    for (const { page } of seen) await page.context().close()
    const patterns = expected.splice(0)
    const complaints = seen.flatMap(visit => visit.complaints)
    expect(complaints.filter(line => !patterns.some(pattern => pattern.test(line)))).toEqual([])
  })

  afterAll(async () => {
    await browser.close()
    await home.close()
  })

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const visit = await openPage(browser, { baseURL: home.server, ...options })
    visits.push(visit)
    return visit.page
  }

  function aComputer(): Computer {
    const computer = newComputer(home.server)
    computers.push(computer)
    return computer
  }

  async function start(computer: Computer): Promise<{ words: string; verificationUrl: string }> {
    return JSON.parse((await computer.spoq(['login', '--start'])).stdout)
  }

  test('a newcomer signs up on the way to the words of a computer, and approves it', async () => {
    const computer = aComputer()
    const { words, verificationUrl } = await start(computer)
    const page = await open()
    await page.goto(verificationUrl)
    expect(await heading(page)).toBe('Sign in')
    await press(page.getByRole('link', { name: 'Sign up' }))
    await page.getByLabel('Name').fill('New Comer')
    await page.getByLabel('E-mail').fill('newcomer@example.com')
    await page.getByLabel('Password').fill('a long password')
    await press(page.getByRole('button', { name: 'Sign up' }))
    expect(await heading(page)).toBe('Sign in a device?')
    const shown = await page.getByRole('main').innerText()
    expect(shown).toContain(words)
    expect(shown).toContain(`@${hostname()}`)
    expect(shown).toContain('newcomer@example.com')
    await press(page.getByRole('button', { name: 'Approve' }))
    expect(await heading(page)).toBe('Approved')
    expect(await computer.spoq(['login', '--finish'])).toMatchObject({ status: 0 })
    expect((await computer.spoq(['whoami'])).stdout).toContain('newcomer@example.com')
  })

  test('who has an account signs in, and denies', async () => {
    const computer = aComputer()
    const page = await open()
    await page.goto((await start(computer)).verificationUrl)
    await signIn(page)
    await press(page.getByRole('button', { name: 'Deny' }))
    expect(await heading(page)).toBe('Denied')
    const { stdout } = await computer.spoq(['login', '--finish', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'code_denied' } })
  })

  test('a wrong password is told on the form, which keeps the e-mail and the way on', async () => {
    const page = await open()
    await page.goto('/auth/sign-in?next=/auth/verify')
    expected.push(/the server responded with a status of 401/)
    await signIn(page, { ...person, password: 'not this one' })
    expect(await page.getByRole('alert').innerText()).toContain('password')
    expect(await page.getByLabel('E-mail').inputValue()).toBe(person.email)
    expect(await page.getByLabel('Password').inputValue()).toBe('')
    await signIn(page)
    expect(new URL(page.url()).pathname).toBe('/auth/verify')
  })

  test('words are typed where the link is not at hand', async () => {
    const { words, verificationUrl } = await start(aComputer())
    const page = await open()
    await page.goto('/auth/verify')
    await signIn(page)
    await page.getByLabel('The three words').fill(` ${words.toLowerCase().replaceAll('-', ' ')} `)
    await press(page.getByRole('button', { name: 'Go on' }))
    expect(await heading(page)).toBe('Sign in a device?')
    expect(await page.getByRole('main').innerText()).toContain(words)
    expect(new URL(page.url()).pathname).toBe(new URL(verificationUrl).pathname)
  })

  test('a browser on the same computer: signed in first, asked, and led back to the terminal', async () => {
    const computer = aComputer()
    const page = await open()
    expected.push(goneIcon)
    const { status, shown } = await loginOnTerminal(computer, async address => {
      await page.goto(address)
      await signIn(page)
      expect(await heading(page)).toBe('Sign in this computer?')
      expect(await page.getByRole('main').innerText()).toContain(`@${hostname()}`)
      await press(page.getByRole('button', { name: 'Approve' }))
      expect(await heading(page)).toBe('Back to the terminal')
    })
    expect(shown).toContain(`Signed in as ${person.email}.`)
    expect(status).toBe(0)
    expect((await computer.spoq(['whoami'])).stdout).toContain(person.email)
  })

  test('a no in the browser on the same computer is heard in the terminal', async () => {
    const page = await open()
    await page.goto('/auth/sign-in')
    await signIn(page)
    expect(await heading(page)).toBe('Signed in')
    expected.push(goneIcon)
    const { status, shown } = await loginOnTerminal(aComputer(), async address => {
      await page.goto(address)
      await press(page.getByRole('button', { name: 'Deny' }))
      expect(await heading(page)).toBe('Back to the terminal')
    })
    expect(shown).toContain('denied')
    expect(status).not.toBe(0)
  })

  test.each(['127.0.0.1', 'localhost', '[::1]'])('the page lets its form lead back to %s', async host => {
    const redirect = `http://${host}:9/callback`
    const page = await open()
    await page.goto('/auth/sign-in')
    await signIn(page)
    await page.goto(`/identity/oauth2/authorize?${authorization(redirect)}`)
    expect(await heading(page)).toBe('Sign in this computer?')
    // Nothing listens there: that it is asked for at all is what a policy could forbid.
    expected.push(/:9\/callback.*net::ERR_/)
    const back = page.waitForRequest(request => request.url().startsWith(redirect))
    await page.getByRole('button', { name: 'Approve' }).click({ noWaitAfter: true })
    expect(new URL((await back).url()).searchParams.has('code')).toBe(true)
  })

  test('without scripts', async () => {
    const computer = aComputer()
    const page = await open({ javaScriptEnabled: false })
    await page.goto((await start(computer)).verificationUrl)
    await signIn(page)
    await press(page.getByRole('button', { name: 'Approve' }))
    expect(await heading(page)).toBe('Approved')
    expect(await computer.spoq(['login', '--finish'])).toMatchObject({ status: 0 })
  })

  test('with the keyboard alone', async () => {
    const computer = aComputer()
    const page = await open()
    await page.goto((await start(computer)).verificationUrl)
    for (const typed of [person.email, person.password]) {
      await page.keyboard.press('Tab')
      await page.keyboard.type(typed)
    }
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Approve' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus-visible').innerText()).toBe('Approve')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Approved' }).waitFor()
    expect(await computer.spoq(['login', '--finish'])).toMatchObject({ status: 0 })
  })

  test('on a phone nothing is wider than the page', async () => {
    const { verificationUrl } = await start(aComputer())
    const page = await open({ viewport: { width: 320, height: 640 } })
    const overhang = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')
    await page.goto(verificationUrl)
    expect(await overhang()).toBe(0)
    await signIn(page)
    expect(await heading(page)).toBe('Sign in a device?')
    expect(await overhang()).toBe(0)
  })

  test('a form that another site sends, with the cookie, decides nothing', async () => {
    const computer = aComputer()
    const { words, verificationUrl } = await start(computer)
    const page = await open()
    await page.goto(verificationUrl)
    await signIn(page)
    // Another port is another origin but the same site: the cookie goes along, so that only the Origin tells them apart.
    await using evil = await serve(
      `<form method="post" action="${home.server}/auth/authorize"><input name="code" value="${words}">` +
        '<button name="decision" value="approve">A kitten</button></form>',
    )
    expected.push(/the server responded with a status of 403/)
    await page.goto(evil.url)
    const sent = page.waitForRequest(request => request.method() === 'POST')
    await press(page.getByRole('button'))
    expect(await (await sent).headerValue('cookie')).toContain('spoq_session')
    expect((await (await sent).response())?.status()).toBe(403)
    expect(await heading(page)).toContain('did not come from a page of this server')
    expect((await computer.spoq(['login', '--finish', '--no-wait'])).stdout).toContain('Nobody has approved')
  })

  /** Clicks and waits for the page that follows: a click alone is over before the old one is gone. */
  async function press(link: Locator): Promise<void> {
    const next = link.page().waitForEvent('domcontentloaded')
    await link.click()
    await next
  }

  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText()

  async function signIn(page: Page, { email, password } = person): Promise<void> {
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill(password)
    await press(page.getByRole('button', { name: 'Sign in' }))
  }
})

/** The command line has its answer, and may be gone, when Chromium asks its page for an icon. */
const goneIcon = /^http:\/\/127\.0\.0\.1:\d+\/favicon\.ico: /

/** What a tool without registration asks. */
function authorization(redirect: string): URLSearchParams {
  return new URLSearchParams({
    client_id: oauth.stockClient,
    response_type: 'code',
    redirect_uri: redirect,
    state: 'a-state-that-nobody-looks-at',
    code_challenge: createHash('sha256').update('verifier').digest('base64url'),
    code_challenge_method: 'S256',
  })
}

/** Another site, of one page. */
async function serve(html: string) {
  const server = createServer((_, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><link rel="icon" href="data:,">${html}`)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
