import { createToken, listTokens, revokeToken, showCredential } from '@spoq/contracts/token'
import type { Serve } from '../../http/serve.ts'
import { create } from './create.ts'
import { revoke } from './revoke.ts'
import { toToken } from './shape.ts'
import { showCredentialOf } from './show-credential.ts'
import { usableTokens } from './store.ts'
import type { TokenDeps } from './token.ts'

/** The routes of personal access tokens. */
export function registerTokens(serve: Serve, deps: TokenDeps): void {
  const { db, now, ended } = deps
  serve.account(createToken, ({ body }, caller) => create(deps, caller, body))
  serve.account(listTokens, async (_, { account }) => ({
    tokens: (await usableTokens(db, account, now())).map(toToken),
  }))
  serve.account(revokeToken, ({ params }, { account, from }) =>
    revoke(db, { account, id: params.token, origin: from, now: now(), ended }),
  )
  serve.account(showCredential, (_, caller) => showCredentialOf(db, caller))
}
