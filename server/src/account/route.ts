import { createFirstAccount, showAccount } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import type { Serve } from '../http/serve.ts'
import { createFirst, type FirstAccountDeps } from './create-first.ts'
import { findAccount } from './store.ts'

/** The routes of accounts. */
export function registerAccount(serve: Serve, deps: FirstAccountDeps): void {
  serve.account(showAccount, async (_, { account }) => {
    const found = await findAccount(deps.db, account)
    if (!found) throw new SpoqError('account_not_found')
    return found
  })

  serve.anyone(createFirstAccount, async ({ body }, caller) => {
    const { account, cookie } = await createFirst(deps, body)
    caller.setCookie(cookie)
    return account
  })
}
