// The proof that a domain is somebody's: a TXT record of its own name that only who controls its DNS can put there.

import { SpoqError } from '@spoq/contracts/problem'

/** The texts of the TXT records of a name, each whole. @throws with a `code` of node:dns. */
export type ResolveTxt = (name: string) => Promise<string[][]>

/** Below the domain, so that it may stay beside a CNAME. */
export const proofName = (domain: string) => `_spoq.${domain}`
export const proofValue = (token: string) => `spoq-verify=${token}`

/**
 * The proofs that stand in a domain's DNS; none where there are none.
 * @throws SpoqError `unavailable` when its DNS does not say: that proves nothing either way.
 */
export async function proofsOf(resolveTxt: ResolveTxt, domain: string): Promise<Set<string>> {
  try {
    const records = await resolveTxt(proofName(domain))
    return new Set(records.map(parts => parts.join('').trim()))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTFOUND' || code === 'ENODATA') return new Set()
    throw new SpoqError('unavailable', {
      message: `The DNS of ${domain} does not answer (${code ?? 'for no known reason'}).`,
      next: 'Try again in a few minutes.',
    })
  }
}
