// The pages of a forgotten password.

import { SpoqError } from '@spoq/contracts/problem'
import { messagePage } from '../../web/message.ts'
import { forgotPage, resetPage } from '../../web/reset.ts'
import { paths } from '../auth.ts'
import { assertOwnOrigin, fieldsOf, type Here } from '../request.ts'
import { askForReset, isResetLink, resetPassword } from '../reset/reset.ts'
import type { WebDeps } from '../web-session.ts'

export const showForgot = () => forgotPage({ action: paths.forgot })

/** Says the same whether there is such an account or not. */
export async function takeForgot(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const { email = '' } = await fieldsOf(request)
  await askForReset(deps, email, from)
  const text = 'If there is an account with that address, a link was sent there. It works for an hour.'
  return messagePage({ title: 'Look into your mail', text })
}

/** GET `/auth/reset?token=…`: opening the link uses nothing up, since mail programs open links by themselves. */
export async function showReset(deps: WebDeps, request: Request): Promise<Response> {
  const token = new URL(request.url).searchParams.get('token') ?? ''
  return (await isResetLink(deps, token)) ? resetPage({ action: paths.reset, token }) : over()
}

export async function takeReset(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const { token = '', password = '' } = await fieldsOf(request)
  try {
    await resetPassword(deps, token, password, from)
    const text = 'Everything that was signed in has been signed out. Sign in with the new password.'
    return await messagePage({ title: 'The password is changed', text })
  } catch (error) {
    if (!(error instanceof SpoqError)) throw error
    if (error.code === 'code_expired') return over()
    return resetPage({ action: paths.reset, token, error: `${error.message} ${error.next}`, status: error.status })
  }
}

const over = () =>
  messagePage({
    title: 'This link does not work any more',
    text: 'Ask for a new one on the sign-in page.',
    status: 400,
  })
