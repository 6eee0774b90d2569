import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { showAccount } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import * as z from 'zod/mini'
import type { Context } from '../context.ts'
import { serverOf } from '../login/server.ts'
import { backendTarget } from '../target.ts'
import { askText } from '../terminal.ts'

const isAddress = (typed: string) => z.email().safeParse(typed.trim()).success

/**
 * Which server to ask, and whose password is meant: who forgot theirs may well not be signed in.
 * @throws SpoqError `usage` for what is no address, or for none without a terminal.
 */
export async function resetTarget(
  context: Context,
  said: string | undefined,
): Promise<{ backend: Target; email: string }> {
  const { now, requestId } = context
  const backend: Target = { origin: serverOf(context), unreachable: 'server_unknown', now, requestId }
  const email = said ?? (await ownAddress(context)) ?? (await asked(context))
  if (!isAddress(email))
    throw new SpoqError('usage', { message: 'That is no e-mail address.', next: 'Give it as NAME@HOST.' })
  return { backend, email: email.trim() }
}

/** Of who is signed in here; undefined where nobody is any more. */
async function ownAddress(context: Context): Promise<string | undefined> {
  try {
    return (await call(backendTarget(context), showAccount)).email
  } catch (error) {
    if (error instanceof SpoqError && signedOut.has(error.code)) return undefined
    throw error
  }
}

const signedOut = new Set(['not_signed_in', 'login_revoked', 'login_locked', 'token_invalid', 'token_expired'])

const asked = ({ terminal }: Context) =>
  askText(terminal, {
    message: 'Your e-mail address:',
    flag: 'EMAIL',
    check: typed => isAddress(typed) || 'An address as NAME@HOST is needed.',
  })
