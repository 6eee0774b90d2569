// The present password and the new one: from a person, who types the new one twice, or two lines of standard input. Neither
// ever stands in an argument or a variable.

import { text } from 'node:stream/consumers'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { changePassword, password as passwordShape } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import { askSecret, type Terminal } from '../terminal.ts'

export interface Passwords {
  current: string
  password: string
}

/**
 * Asks for both, or reads them from `input`: the present one on its first line, the new one on its second.
 * @throws SpoqError `needs_terminal`; `usage` for lines that are not these.
 */
export async function readPasswords(input: NodeJS.ReadableStream | null, terminal: Terminal): Promise<Passwords> {
  if (input) return ofLines(await text(input))
  const flag = '--stdin'
  const current = await askSecret(terminal, { message: 'Your present password:', flag })
  const check = (typed: string) => passwordShape.safeParse(typed).success || tooShort
  const password = await askSecret(terminal, { message: 'The new one:', flag, check })
  const same = (typed: string) => typed === password || 'That is another one.'
  await askSecret(terminal, { message: 'Once more:', flag, check: same })
  return { current, password }
}

/**
 * Sets it at the backend.
 * @throws SpoqError `wrong_password`, `rate_limited`.
 */
export async function setPassword(backend: Target, passwords: Passwords, endOthers: boolean): Promise<void> {
  await call(backend, changePassword, { body: { ...passwords, endOthers } })
}

const tooShort = 'A password has 8 to 128 characters.'

function ofLines(given: string): Passwords {
  const [current = '', password = '', ...more] = given.replace(/\r?\n$/, '').split(/\r?\n/)
  const next = 'Give two lines: the present password, then the new one.'
  if (current === '' || password === '' || more.length > 0)
    throw new SpoqError('usage', { message: '--stdin: two lines are needed.', next })
  if (!passwordShape.safeParse(password).success) throw new SpoqError('usage', { message: tooShort, next })
  return { current, password }
}
