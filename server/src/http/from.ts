// Where a request came from, as the security log tells it.

import { peerAddressHeader } from './peer.ts'

export interface From {
  /** An address by numbers; an IPv4 address is written as one. */
  address: string
  /** What the program calls itself, cut to one short line. */
  agent: string
  requestId: string
  /** The id of the login, the token or the trust that it came with; none for a browser, and for nobody. */
  credential?: string | null
}

export const fromOf = (request: Request, requestId: string): From => ({
  address: addressOf(request),
  agent: (request.headers.get('user-agent') ?? '').replace(/[\p{C}\p{Z}]+/gu, ' ').slice(0, 160),
  requestId,
})

/** The address a request came from. */
export function addressOf(request: Request): string {
  return (request.headers.get(peerAddressHeader) ?? 'unknown').replace(/^::ffff:/, '')
}
