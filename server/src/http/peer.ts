// The address a request came from, for limits and the security log.

import type { IncomingMessage } from 'node:http'

/** Only this backend writes it; whatever a client sends under this name is taken away. */
export const peerAddressHeader = 'x-spoq-peer'

/** Puts the address of the other side into the request, in both forms that Node has of its headers. */
export function stampPeer(request: IncomingMessage): void {
  const address = request.socket.remoteAddress ?? 'unknown'
  const raw = request.rawHeaders
  for (let i = raw.length - 2; i >= 0; i -= 2) if (raw[i]?.toLowerCase() === peerAddressHeader) raw.splice(i, 2)
  raw.push(peerAddressHeader, address)
  request.headers[peerAddressHeader] = address
}
