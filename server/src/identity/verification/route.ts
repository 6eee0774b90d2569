import { confirmEmail, sendEmailCode } from '@spoq/contracts/account'
import type { Serve } from '../../http/serve.ts'
import type { WebDeps } from '../web-session.ts'
import { sendCode, takeCode } from './verification.ts'

/** The routes of verification. */
export function registerVerification(serve: Serve, deps: WebDeps): void {
  serve.account(sendEmailCode, (_, { account, from }) => sendCode(deps, account, from))
  serve.account(confirmEmail, ({ body }, { account, from }) => takeCode(deps, account, body.code, from))
}
