import { SpoqError } from '@spoq/contracts/problem'

/**
 * Refuses a caller without a scope.
 * @throws SpoqError `scope_missing` that names it.
 */
export function assertScopes(needed: readonly string[], had: readonly string[]): void {
  const missing = needed.find(scope => !had.includes(scope))
  if (missing === undefined) return
  throw new SpoqError('scope_missing', {
    message: `This needs the scope ${missing}.`,
    next: `Use a token that has it: spoq token create --scope ${missing}.`,
  })
}
