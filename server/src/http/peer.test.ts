import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { peerAddressHeader, proxyList, stampPeer } from './peer.ts'

function stamped(peer: string, forwarded: string | undefined, trusted: string[]): unknown {
  const headers: Record<string, string> = { [peerAddressHeader]: '203.0.113.66' }
  if (forwarded !== undefined) headers['x-forwarded-for'] = forwarded
  const request = { socket: { remoteAddress: peer }, headers, rawHeaders: ['X-Spoq-Peer', '203.0.113.66'] }
  stampPeer(request as unknown as IncomingMessage, proxyList(trusted))
  expect(request.rawHeaders).toEqual([peerAddressHeader, headers[peerAddressHeader]])
  return headers[peerAddressHeader]
}

test.each([
  ['nobody is trusted', '198.51.100.1', '192.0.2.1', [], '198.51.100.1'],
  ['a stranger says where it is from', '198.51.100.1', '192.0.2.1', ['10.0.0.0/8'], '198.51.100.1'],
  ['our proxy says it', '10.1.2.3', '192.0.2.1', ['10.0.0.0/8'], '192.0.2.1'],
  ['the client wrote the first itself', '10.1.2.3', '127.0.0.1, 192.0.2.1', ['10.0.0.0/8'], '192.0.2.1'],
  ['two proxies of ours', '10.1.2.3', '192.0.2.1, 10.9.9.9', ['10.0.0.0/8'], '192.0.2.1'],
  ['it says nothing', '10.1.2.3', undefined, ['10.0.0.0/8'], '10.1.2.3'],
  ['it says nonsense', '10.1.2.3', 'unknown', ['10.0.0.0/8'], '10.1.2.3'],
  ['IPv4 as IPv6', '::ffff:10.1.2.3', '::ffff:192.0.2.1', ['10.1.2.3'], '192.0.2.1'],
  ['IPv6', 'fd00::1', '2001:db8::1', ['fd00::/8'], '2001:db8::1'],
])('%s', (_, peer, forwarded, trusted, expected) => {
  expect(stamped(peer, forwarded, trusted)).toBe(expected)
})

test('the configuration takes addresses and networks alone', () => {
  expect(readConfig({ TRUSTED_PROXY: '10.0.0.0/8, ::1' }).trustedProxy).toEqual(['10.0.0.0/8', '::1'])
  for (const wrong of ['proxy', '10.0.0.0/33', '10.0.0.1,', '1/2/3'])
    expect(() => readConfig({ TRUSTED_PROXY: wrong }), wrong).toThrow('TRUSTED_PROXY')
})
