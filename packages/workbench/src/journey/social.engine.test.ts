// GitHub and Google in a real browser: its content security policy, its cookies, and the redirects of others.

import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Github, githubPerson, startGithub } from '../stand-ins/github.ts'
import { type GoogleSignIn, googlePerson, startGoogleSignIn } from '../stand-ins/google-sign-in.ts'
import { openPage, startChromium, type Visit, whyNoChromium } from './chromium.ts'
import { type Computer, newComputer } from './computer.ts'
import { type Home, startHome } from './home.ts'
import { loginOnTerminal } from './terminal.ts'

if (whyNoChromium && process.env.CI === 'true') throw new Error(`the pages cannot be tested: ${whyNoChromium}`)
if (whyNoChromium) console.log(`skipped: ${whyNoChromium}`)

describe.skipIf(whyNoChromium)('in Chromium', () => {
  let browser: Browser
  let home: Home
  let github: Github
  let google: GoogleSignIn
  let visit: Visit
  let computer: Computer
  /** Complaints that belong to what a test does. */
  let expected: RegExp[] = []

  beforeAll(async () => {
    browser = await startChromium()
    ;[github, google] = [await startGithub(), await startGoogleSignIn()]
    home = await startHome({
      environment: {
        GITHUB_CLIENT_ID: github.clientId,
        GITHUB_CLIENT_SECRET: github.clientSecret,
        GITHUB_URL: github.url,
        GOOGLE_CLIENT_ID: google.clientId,
        GOOGLE_CLIENT_SECRET: google.clientSecret,
        GOOGLE_URL: google.url,
      },
    })
    github.redirectUri = `${home.server}/auth/github/callback`
    google.redirectUri = `${home.server}/auth/google/callback`
  }, 120_000)

  afterEach(async () => {
    computer.remove()
    await visit.page.context().close()
    const complaints = visit.complaints.filter(line => !expected.some(pattern => pattern.test(line)))
    expected = []
    expect(complaints).toEqual([])
  })

  afterAll(async () => {
    await browser.close()
    await home.close()
    await Promise.all([github.stop(), google.stop()])
  })

  async function open(): Promise<Page> {
    computer = newComputer(home.server)
    visit = await openPage(browser, { baseURL: home.server })
    return visit.page
  }

  test('a newcomer goes on with GitHub, approves the words of a computer, and connects Google too', async () => {
    const email = 'octo@example.com'
    github.person = githubPerson('octo', email)
    google.person = googlePerson('Octo', 'octo-elsewhere@example.com')
    const page = await open()
    const { verificationUrl } = JSON.parse((await computer.spoq(['login', '--start'])).stdout)
    await page.goto(verificationUrl)
    await press(page.getByRole('link', { name: 'Go on with GitHub' }))
    expect(await heading(page)).toBe('Sign in a device?')
    await press(page.getByRole('button', { name: 'Approve' }))
    expect((await computer.spoq(['login', '--finish'])).stdout).toContain(email)

    await page.goto('/account/security')
    await page.getByRole('button', { name: 'Connect Google' }).click()
    await page.getByRole('button', { name: 'Disconnect Google' }).waitFor()
    await press(page.getByRole('button', { name: 'Disconnect Google' }))
    expect(await page.getByRole('main').innerText()).toContain('Not connected to Google.')
    expected.push(/the server responded with a status of 409/)
    await press(page.getByRole('button', { name: 'Disconnect GitHub' }))
    expect(await page.getByRole('alert').innerText()).toContain('Set a password first')
  })

  test('the browser on the same computer goes on with Google and is led back to the terminal', async () => {
    google.person = googlePerson('Gogo', 'gogo@example.com')
    const page = await open()
    // The command line has its answer, and may be gone, when Chromium asks its page for an icon.
    expected.push(/\/favicon\.ico: /)
    const { status, shown } = await loginOnTerminal(computer, async address => {
      await page.goto(address)
      await press(page.getByRole('link', { name: 'Go on with Google' }))
      await press(page.getByRole('button', { name: 'Approve' }))
      expect(await heading(page)).toBe('Back to the terminal')
    })
    expect(shown).toContain('Signed in as gogo@example.com.')
    expect(status).toBe(0)
  })

  /** Clicks and waits for the page that follows: a click alone is over before the old one is gone. */
  async function press(link: Locator): Promise<void> {
    const next = link.page().waitForEvent('domcontentloaded')
    await link.click()
    await next
  }

  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText()
})
