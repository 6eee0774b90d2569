// Whether what a request came with may call a route. The one place of the backend that decides it.

import type { Route } from '@spoq/contracts/http'
import { SpoqError } from '@spoq/contracts/problem'
import { loginScope } from '@spoq/contracts/token'
import type { Identified } from './serve.ts'

/**
 * Lets through who has the route's scope. A token for one machine does nothing to any other.
 * @param machine the one that the path names
 * @throws SpoqError `scope_missing`, naming the scope; `machine_not_found`.
 */
export function assertScope(route: Route, { scopes, limited }: Identified, machine: string | undefined): void {
  const needed = route.scope ?? loginScope
  if (needed === 'any') return
  if (!(scopes as readonly string[]).includes(needed)) throw missing(needed)
  const only = limited?.machine ?? null
  if (only === null || !needed.startsWith('machine:')) return
  if (machine === undefined && needed !== 'machine:read')
    throw new SpoqError('scope_missing', { message: 'The token is for one machine, and this is not about that one.' })
  if (machine !== undefined && machine !== only) throw new SpoqError('machine_not_found')
}

function missing(needed: string): SpoqError {
  if (needed === loginScope)
    return new SpoqError('scope_missing', {
      message: `This needs ${needed}, which only a login has.`,
      next: 'Run spoq login, and leave SPOQ_TOKEN out.',
    })
  return new SpoqError('scope_missing', {
    message: `This needs the scope ${needed}.`,
    next: `Use a token that has it: spoq token create --scope ${needed}.`,
  })
}
