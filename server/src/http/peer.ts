// The address a request came from, for limits and the security log.

import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Only this backend writes it; whatever a client sends under this name is taken away. */
export const peerAddressHeader = 'x-spoq-peer'

/** Addresses and networks (`10.0.0.0/8`) as one list. */
export function proxyList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** Puts the address of the other side into the request, in both forms that Node has of its headers. */
export function stampPeer(request: IncomingMessage, proxies?: BlockList): void {
  const address = addressBehind(request, proxies)
  const raw = request.rawHeaders
  for (let i = raw.length - 2; i >= 0; i -= 2) if (raw[i]?.toLowerCase() === peerAddressHeader) raw.splice(i, 2)
  raw.push(peerAddressHeader, address)
  request.headers[peerAddressHeader] = address
}

/**
 * The peer, or, where that is a proxy of ours, the last address in its X-Forwarded-For that is none: what stands before
 * that one the client may have written itself.
 */
function addressBehind({ socket, headers }: IncomingMessage, proxies?: BlockList): string {
  let address = plain(socket.remoteAddress ?? 'unknown')
  if (!proxies || !isOurs(proxies, address)) return address
  const hops = String(headers['x-forwarded-for'] ?? '').split(',')
  for (const hop of hops.map(text => plain(text.trim())).reverse()) {
    if (isIP(hop) === 0) break
    address = hop
    if (!isOurs(proxies, address)) break
  }
  return address
}

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, '')
const isOurs = (proxies: BlockList, address: string) =>
  isIP(address) > 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
