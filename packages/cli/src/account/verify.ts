import { call } from '@spoq/client/call'
import { confirmEmail, emailCode, sendEmailCode } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { backendTarget } from '../target.ts'
import { askText } from '../terminal.ts'

/**
 * Has a code sent and takes it from the person; with a code, takes that. Without a terminal the code is only sent.
 * @throws SpoqError `code_wrong`, `code_expired`, `rate_limited`.
 */
export async function verifyEmail(
  context: Context,
  code: string | undefined,
  say: (line: string) => void,
): Promise<{ verified: boolean; email: string | null }> {
  const backend = backendTarget(context)
  if (code !== undefined) {
    await call(backend, confirmEmail, { body: { code: digits(code) } })
    return { verified: true, email: null }
  }
  const { verified, email } = await call(backend, sendEmailCode)
  if (verified) return { verified, email }
  say(`A code was sent to ${email}. It works for 15 minutes.`)
  if (!context.terminal.interactive) return { verified: false, email }
  const check = (typed: string) => emailCode.safeParse(typed).success || 'Six digits are needed.'
  const typed = await askText(context.terminal, { message: 'The code:', flag: '--code CODE', check })
  await call(backend, confirmEmail, { body: { code: typed } })
  return { verified: true, email }
}

function digits(code: string): string {
  if (emailCode.safeParse(code).success) return code
  throw new SpoqError('usage', { message: '--code: six digits are needed.', next: 'Copy them from the mail.' })
}
