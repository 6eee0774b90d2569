import * as z from 'zod/mini'

/** What a token can be allowed. A login has these as well. */
export const tokenScopes = ['account:read', 'account:write', 'machine:read', 'machine:write', 'machine:use'] as const

/** What only a login may do: how one signs in, logins, tokens. So no token makes or widens another. */
export const loginScope = 'security:write'

export const scopes = [...tokenScopes, loginScope] as const
export type Scope = (typeof scopes)[number]
export type TokenScope = (typeof tokenScopes)[number]

export const tokenScope = z.enum(tokenScopes)

/** What can be done on a machine; a machine's token carries those of its holder. */
export const machineScopes = ['machine:read', 'machine:write', 'machine:use'] as const satisfies readonly TokenScope[]

/** What the two OAuth scopes of a login stand for. */
export const scopesOfLogin: Record<string, readonly Scope[]> = {
  account: ['account:read', 'account:write', loginScope],
  machine: machineScopes,
}
