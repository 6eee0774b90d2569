// Who is signed in; where the environment signs in, also by what: nobody sees that otherwise.

import { call } from '@spoq/client/call'
import { type Account, showAccount } from '@spoq/contracts/account'
import { type Credential, showCredential } from '@spoq/contracts/token'
import type { Context } from '../context.ts'
import { listing } from '../output.ts'
import { backendTarget } from '../target.ts'
import { isGiven } from './given.ts'

export interface Who {
  /** Its id alone where a token may not see more. */
  account: Pick<Account, 'id'> & Partial<Account>
  server: string
  /** The token or trusted job that signs in instead of a login. */
  credential?: Credential
}

/** Asks the server. @throws SpoqError `not_signed_in` and what `call` throws. */
export async function whoami(context: Context): Promise<Who> {
  const backend = backendTarget(context)
  if (!isGiven(context)) return { account: await call(backend, showAccount), server: backend.origin }
  const credential = await call(backend, showCredential)
  const mayRead = credential.scopes.includes('account:read')
  const account = mayRead ? await call(backend, showAccount) : { id: credential.account }
  return { account, server: backend.origin, credential }
}

/** The same for a person. */
export function whoamiLines({ account, server, credential }: Who): string {
  return listing({
    name: account.name,
    email: account.email,
    account: account.id,
    server,
    ...(credential && {
      by: `${kinds[credential.kind]}${credential.name ? ` ${credential.name}` : ''}`,
      may: credential.scopes.join(', '),
      machine: credential.machine,
      until: credential.expiresAt,
    }),
  })
}

const kinds = { login: 'the access token of a login,', token: 'the token', trust: 'a trust:' }
