// The manifest of the release, signed by the key that signs tokens: whoever knows the backend's JWKS can check it, and
// there is one key to guard and to rotate.

import { releaseType } from '@spoq/contracts/release'
import { type JwtOptions, signJWT } from 'better-auth/plugins'
import type { Auth } from './auth.ts'

const seconds = 86_400

/** A JWT that opens nothing: its type is none of a token, and it has no subject. */
export async function signRelease(auth: Auth, issuer: string, release: Record<string, unknown>): Promise<string> {
  const context = await auth.$context
  const iat = Math.floor(Date.now() / 1_000)
  return signJWT({ context } as never, {
    options: context.getPlugin('jwt')?.options as JwtOptions,
    header: { typ: releaseType },
    payload: { ...release, aud: releaseType, iss: issuer, iat, exp: iat + seconds },
  })
}
