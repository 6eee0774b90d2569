// The second step of signing in, set up as Spoq has it: better-auth's plugin, with recovery codes that are kept as hashes,
// and codes that work once.

import { createHash } from 'node:crypto'
import { APIError, createAuthMiddleware } from 'better-auth/api'
import { twoFactor } from 'better-auth/plugins'

export interface SecondStepDeps {
  /** Notes that a code of an account was tried in a sign-in; false when it was before. */
  firstUse(account: string, code: string): Promise<boolean>
}

const hashed = 'sha256:'

/** A recovery code as it is kept, and as better-auth compares it. It has 59 random bits: no salt, no slow hash. */
export const recoveryHash = (code: string) =>
  hashed + createHash('sha256').update(code.replace(/\s/g, '')).digest('base64url')

/** better-auth's two-factor plugin. It locks an account for 15 minutes after 10 wrong codes, and a sign-in after 5. */
export function secondStep({ firstUse }: SecondStepDeps) {
  const plugin = twoFactor({
    issuer: 'Spoq',
    backupCodeOptions: {
      amount: 10,
      storeBackupCodes: {
        // What is left after one was used comes back through here, hashed already.
        encrypt: async json =>
          JSON.stringify(parsed(json).map(code => (code.startsWith(hashed) ? code : recoveryHash(code)))),
        decrypt: async kept => kept,
      },
    },
    schema: { twoFactor: { modelName: 'auth_two_factor' } },
  })
  const [asking] = plugin.hooks.after
  return {
    ...plugin,
    hooks: {
      before: [
        { matcher: ({ path }: { path?: string }) => path === '/two-factor/verify-totp', handler: once(firstUse) },
      ],
      // Its own matcher knows passwords alone: whoever came by a provider would be let past the second step.
      after: [{ ...asking, matcher: ({ path }: { path?: string }) => asksAfter.has(path ?? '') }],
    },
  } as unknown as typeof plugin
}

const asksAfter = new Set(['/sign-in/email', '/callback/:id'])
const parsed = (json: string) => JSON.parse(json) as string[]

/** A code that was looked over a shoulder is worth nothing, though its half minute lasts. */
function once(firstUse: SecondStepDeps['firstUse']) {
  return createAuthMiddleware(async ctx => {
    const { name } = ctx.context.createAuthCookie('two_factor')
    const waiting = await ctx.getSignedCookie(name, ctx.context.secret)
    const signIn = waiting ? await ctx.context.internalAdapter.findVerificationValue(waiting) : null
    if (!signIn || (await firstUse(signIn.value, String(ctx.body?.code)))) return
    throw new APIError('UNAUTHORIZED', { code: 'INVALID_CODE', message: 'the code was used' })
  })
}
