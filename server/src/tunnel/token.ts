// The secret of each machine for its tunnel. It follows from the backends' secret, the machine and a generation, so that it
// stands nowhere at rest but on the machine itself, and every backend of a database makes and knows the same.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { TunnelHolder } from '@spoq/contracts/gateway'

/** The token of a machine. `key` is for this purpose alone. */
export function makeToken(key: string, { machine, generation }: TunnelHolder): string {
  return `tunnel_${machine}_${generation}_${proof(key, machine, generation)}`
}

/** Whose token it is; null for one that this backend did not make. Whether it is still good, `verify` says. */
export function readToken(key: string, token: string): TunnelHolder | null {
  const [, machine, digits, given] = /^tunnel_(mach_[a-z0-9]{16,32})_([1-9]\d{0,8})_([\w-]{43})$/.exec(token) ?? []
  if (!machine || !given) return null
  const generation = Number(digits)
  const right = timingSafeEqual(Buffer.from(given), Buffer.from(proof(key, machine, generation)))
  return right ? { machine, generation } : null
}

const proof = (key: string, machine: string, generation: number) =>
  createHmac('sha256', key).update(`${machine} ${generation}`).digest('base64url')
