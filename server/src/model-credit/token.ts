// The token by which a machine asks models on Spoq credit: of that machine alone, and of no use for anything else. It follows from
// the backends' secret, the machine and a generation, so that it stands nowhere at rest but on the machine.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { creditTokenPrefix } from '@spoq/contracts/model-credit'

export interface CreditHolder {
  machine: string
  generation: number
}

/** `key` is for this purpose alone. */
export const makeToken = (key: string, { machine, generation }: CreditHolder): string =>
  `${creditTokenPrefix}${machine}_${generation}_${proof(key, machine, generation)}`

/** Whose token it is; null for one that this backend did not make. Whether it is still good, the rows say. */
export function readToken(key: string, token: string): CreditHolder | null {
  const [, machine, digits, given] = /^spoq-credit_(mach_[a-z0-9]{16,32})_([1-9]\d{0,8})_([\w-]{43})$/.exec(token) ?? []
  if (!machine || !given) return null
  const generation = Number(digits)
  const right = timingSafeEqual(Buffer.from(given), Buffer.from(proof(key, machine, generation)))
  return right ? { machine, generation } : null
}

const proof = (key: string, machine: string, generation: number) =>
  createHmac('sha256', key).update(`model credit ${machine} ${generation}`).digest('base64url')
