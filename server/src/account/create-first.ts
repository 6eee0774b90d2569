import type { Account } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import { isFirstToken, placeFirstToken } from './first-token.ts'
import { type AccountDb, anyAccount, findAccount } from './store.ts'

export interface FirstAccountDeps {
  db: AccountDb
  dataDir: string
  /** Makes a user with a web session; `cookie` is what Set-Cookie says. */
  signUp(user: { email: string; name: string; password: string }): Promise<{ account: string; cookie: string }>
}

/**
 * Makes the first account of this backend, once: two requests at the same time wait for each other.
 * @throws SpoqError `setup_closed` when there is an account, `token_invalid` when the token is not the file's.
 */
export function firstAccountMaker(deps: FirstAccountDeps) {
  let before: Promise<unknown> = Promise.resolve()
  return (asked: { token: string; email: string; name: string; password: string }) => {
    const made = before.then(() => createFirst(deps, asked))
    before = made.catch(() => undefined)
    return made
  }
}

async function createFirst(
  { db, dataDir, signUp }: FirstAccountDeps,
  { token, ...user }: { token: string; email: string; name: string; password: string },
): Promise<{ account: Account; cookie: string }> {
  if (await anyAccount(db)) throw new SpoqError('setup_closed')
  if (!isFirstToken(dataDir, token))
    throw new SpoqError('token_invalid', {
      message: 'That is not the first-account token.',
      next: 'Read it from server/first-account-token in the data folder of the backend.',
    })
  const { account: id, cookie } = await signUp(user)
  placeFirstToken(dataDir, true)
  const account = await findAccount(db, id)
  if (!account) throw new Error(`user ${id} was made without its account`)
  return { account, cookie }
}
