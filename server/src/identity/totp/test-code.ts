// For tests: an authenticator app, and an account that has it.

import { createHmac } from 'node:crypto'
import type { Browser } from '../test-server.ts'

/** RFC 6238, written apart from the library that is tested. */
export function totp(secret: string, at = Date.now()): string {
  const bits = [...secret].map(c => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

/** Turns the second step on for whoever is signed in. */
export async function turnOn(browser: Browser, password: string): Promise<{ secret: string; recovery: string[] }> {
  const shown = await browser.post('/account/totp', { step: 'begin', password })
  const secret = /<p class="code">([A-Z2-7 ]+)</.exec(shown.text)?.[1]?.replaceAll(' ', '') ?? ''
  const recovery = /<pre>([^<]+)</.exec(shown.text)?.[1]?.split('\n') ?? []
  const { text } = await browser.post('/account/totp', { step: 'confirm', code: totp(secret) })
  if (!text.includes('The second step is on')) throw new Error(`the second step is not on: ${text}`)
  return { secret, recovery }
}
