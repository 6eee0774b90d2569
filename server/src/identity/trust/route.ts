import { addTrust, listTrusts, removeTrust } from '@spoq/contracts/trust'
import type { Serve } from '../../http/serve.ts'
import type { TokenDeps } from '../token/token.ts'
import { add } from './add.ts'
import { remove } from './remove.ts'
import { toTrust, trustsOf } from './store.ts'

/** The routes of trusts. */
export function registerTrusts(serve: Serve, deps: TokenDeps): void {
  const { db, now, ended } = deps
  serve.account(addTrust, ({ body }, caller) => add(deps, caller, body))
  serve.account(listTrusts, async (_, { account }) => ({ trusts: (await trustsOf(db, account)).map(toTrust) }))
  serve.account(removeTrust, ({ params }, { account, from }) =>
    remove(db, { account, id: params.trust, origin: from, now: now(), ended }),
  )
}
