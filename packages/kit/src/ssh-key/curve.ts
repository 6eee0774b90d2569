// Points of the three NIST curves, by the rules of OpenSSH (sshkey_ec_validate_public).

import type { JsonWebKey } from 'node:crypto'

export const curves = {
  nistp256: {
    bits: 256,
    name: 'P-256',
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  nistp384: {
    bits: 384,
    name: 'P-384',
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  nistp521: {
    bits: 521,
    name: 'P-521',
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
} as const

/** A point that may be a public key, not compressed; null: it may not. Whether it is on the curve is known once it is a key. */
export function pointOf(curve: keyof typeof curves, point: Buffer): JsonWebKey | null {
  const { bits, name, order } = curves[curve]
  const size = Math.ceil(bits / 8)
  if (point.length !== 1 + 2 * size || point[0] !== 4) return null
  const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)]
  if (![x, y].every(part => isOrdinary(part, bits, order))) return null
  return { kty: 'EC', crv: name, x: x.toString('base64url'), y: y.toString('base64url') }
}

function isOrdinary(part: Buffer, bits: number, order: bigint): boolean {
  const value = BigInt(`0x${part.toString('hex')}`)
  return value.toString(2).length > bits / 2 && value < order - 1n
}
