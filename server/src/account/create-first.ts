import type { Account } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import type { Database } from '../db/open.ts'
import { isFirstToken, removeFirstToken } from './first-token.ts'
import { type AccountDb, anyAccount, findAccount } from './store.ts'

export interface FirstAccountDeps {
  db: AccountDb
  dataDir: string
  /** Work under one name is done by one at a time, whichever backend it is at. */
  locked: Database['locked']
  /** Makes a user with a web session; `cookie` is what Set-Cookie says. */
  signUp(user: { email: string; name: string; password: string }): Promise<{ account: string; cookie: string }>
}

/**
 * Makes the first account of this backend, once: two requests at the same time wait for each other.
 * @throws SpoqError `setup_closed` when there is an account, `token_invalid` when the token is not the file's.
 */
export async function createFirst(
  deps: FirstAccountDeps,
  asked: { token: string; email: string; name: string; password: string },
): Promise<{ account: Account; cookie: string }> {
  await assertOpen(deps, asked.token)
  return deps.locked('first account', () => createIfOpen(deps, asked))
}

async function createIfOpen(
  deps: FirstAccountDeps,
  { token, ...user }: { token: string; email: string; name: string; password: string },
): Promise<{ account: Account; cookie: string }> {
  await assertOpen(deps, token)
  const { account: id, cookie } = await deps.signUp(user)
  removeFirstToken(deps.dataDir)
  const account = await findAccount(deps.db, id)
  if (!account) throw new Error(`user ${id} was made without its account`)
  return { account, cookie }
}

async function assertOpen({ db, dataDir }: FirstAccountDeps, token: string): Promise<void> {
  if (await anyAccount(db)) throw new SpoqError('setup_closed')
  if (isFirstToken(dataDir, token)) return
  throw new SpoqError('token_invalid', {
    message: 'That is not the first-account token.',
    next: 'Read it from server/first-account-token in the data folder of the backend.',
  })
}
