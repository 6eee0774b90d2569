// The same at the edge, as a protocol to upgrade to: for a gateway on this computer, where there is no tunnel. It needs no
// token, as no sshd does: what is sent there is nothing without a gateway's certificate.

import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { sshProtocol } from '@spoq/contracts/ssh'
import type { Ssh } from './ssh.ts'

/** For the server's options: wishes for anything else are not heard. */
export const asksForSsh = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === sshProtocol

export function upgradeToSsh(server: Server, ssh: Pick<Ssh, 'connected'>): void {
  server.on('upgrade', (_request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {})
    if (head.length > 0) socket.unshift(head)
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${sshProtocol}\r\n\r\n`)
    if (!ssh.connected(sshProtocol, socket)) socket.destroy()
  })
}
