import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Home } from './home.ts'

/** What one of the mails to somebody holds, whatever group the pattern has; mails are delivered a moment after the answer. */
export async function mailed({ dataDir }: Pick<Home, 'dataDir'>, to: string, pattern: RegExp): Promise<string> {
  const folder = join(dataDir, 'server/mail')
  let found: string | undefined
  await expect
    .poll(() => {
      const mails = readdirSync(folder).filter(name => name.endsWith('.eml'))
      const own = mails.map(name => readFileSync(join(folder, name), 'utf8')).filter(mail => mail.includes(to))
      found = own.map(mail => pattern.exec(mail.replaceAll('=\n', '').replaceAll('=3D', '='))?.[1]).find(Boolean)
      return found
    })
    .toBeTruthy()
  return found ?? ''
}

/** The code by which an address is verified. */
export const verifyCode = /^Subject: (\d{6}) is your Spoq code/m
