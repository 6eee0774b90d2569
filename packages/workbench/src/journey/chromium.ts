// Debian's Chromium, driven as a person drives it; and what it complains of on a page.

import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const program = '/usr/bin/chromium'

/** Why there is nothing to test with; undefined where there is. */
export const whyNoChromium = existsSync(program) ? undefined : `there is no ${program} here`

/** Starts it without a window. As root it cannot have its sandbox; the only pages it is shown are ours. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: program, chromiumSandbox: process.getuid?.() !== 0 })
}

export interface Visit {
  page: Page
  /** What the console said and what failed to load: violations of a content security policy among them. */
  complaints: string[]
}

/** A person who has never been here: no cookies, nothing cached. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  page.on('console', message => complaints.push(`${message.location().url}: ${message.text()}`))
  page.on('pageerror', error => complaints.push(`${page.url()}: ${error.message}`))
  page.on('requestfailed', request => complaints.push(`${request.url()}: ${request.failure()?.errorText}`))
  return { page, complaints }
}
