// A machine that wants to connect: its token is the backend's to judge.

import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type TunnelHolder, tunnelToken } from '@spoq/contracts/gateway'
import { SpoqError } from '@spoq/contracts/problem'
import { protocol } from '@spoq/kit/tunnel'
import type { Backend } from './backend.ts'

/** Tokens that are judged at a time; who comes while so many are may come again. */
const mostAtOnce = 64

/** Whether a request asks for a tunnel. */
export const asksForTunnel = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === protocol

/** Answers what judges and takes over connections: `take` gets those that are good. */
export function admitter(backend: Backend, take: (holder: TunnelHolder, socket: Duplex, head: Buffer) => void) {
  let judged = 0
  const judge = async (authorization: string | undefined) => {
    const token = tunnelToken.safeParse(/^Bearer (\S+)$/.exec(authorization ?? '')?.[1])
    if (!token.success) throw new SpoqError('token_invalid')
    if (judged >= mostAtOnce) throw new SpoqError('unavailable', { retryAfter: 5 })
    judged += 1
    return backend.verify(token.data).finally(() => {
      judged -= 1
    })
  }

  return async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', () => {})
    // Nobody hears how it ended: a socket that went meanwhile is no machine.
    try {
      const holder = await judge(request.headers.authorization)
      if (socket.destroyed || !socket.writable) return void socket.destroy()
      take(holder, socket, head)
    } catch (error) {
      const known = error instanceof SpoqError ? error : new SpoqError('unavailable', { retryAfter: 5 })
      const wait = known.retryAfter === undefined ? '' : `Retry-After: ${known.retryAfter}\r\n`
      socket.end(
        `HTTP/1.1 ${known.status} ${STATUS_CODES[known.status]}\r\nConnection: close\r\nContent-Length: 0\r\n${wait}\r\n`,
      )
    }
  }
}
