// Tokens by which the backend itself calls a machine: no account has one.

import { randomBytes } from 'node:crypto'
import { backendScope } from '@spoq/contracts/access'
import type { archiveScope } from '@spoq/contracts/archive'
import { signJWT } from 'better-auth/plugins'
import type { Auth } from './auth.ts'
import type { SigningKey } from './signing-key.ts'

/** What the backend itself may do on a machine; a token has one of them. */
export type BackendScope = typeof backendScope | typeof archiveScope

/** To be sent, on a machine whose clock may be ahead by minutes. Sent again it changes nothing. */
const seconds = 300

/** A token of the issuer for one machine, that opens nothing but what is for the backend. */
export async function machineToken(
  auth: Auth,
  signingKey: SigningKey,
  issuer: string,
  machine: string,
  scope: BackendScope = backendScope,
): Promise<string> {
  const context = await auth.$context
  const iat = Math.floor(Date.now() / 1_000)
  return signJWT({ context } as never, {
    ...(await signingKey(context)),
    header: { typ: 'at+jwt' },
    payload: {
      sub: issuer,
      aud: machine,
      scope,
      iat,
      exp: iat + seconds,
      jti: randomBytes(16).toString('base64url'),
    },
  })
}
