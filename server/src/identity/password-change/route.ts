import { changePassword as contract } from '@spoq/contracts/account'
import type { Serve } from '../../http/serve.ts'
import type { WebDeps } from '../web-session.ts'
import { changePassword } from './change.ts'

/** The route of a new password. */
export function registerPasswordChange(serve: Serve, deps: WebDeps): void {
  serve.account(contract, ({ body }, { account, login, session = null, from }) =>
    changePassword(deps, { account, login, session }, body, from),
  )
}
