import { askPasswordReset, confirmPasswordReset } from '@spoq/contracts/account'
import type { Serve } from '../../http/serve.ts'
import type { WebDeps } from '../web-session.ts'
import { askForReset, resetPassword } from './reset.ts'

/** The routes of a forgotten password. */
export function registerReset(serve: Serve, deps: WebDeps): void {
  serve.anyone(askPasswordReset, ({ body }, { from }) => askForReset(deps, body.email, from))
  serve.anyone(confirmPasswordReset, ({ body }, { from }) => resetPassword(deps, body.token, body.password, from))
}
