// The machine's end of one connection: an HTTP/2 server on a socket that the machine itself opened.

import {
  Http2ServerRequest,
  Http2ServerResponse,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Duplex } from 'node:stream'
import { endTogether } from './cut.ts'
import { keepAlive } from './keep-alive.ts'
import { connectionWindow, type Limits, streamWindow } from './protocol.ts'

/** Answers a request, as the listener of an HTTP server does. */
export type Answer = (request: Http2ServerRequest, response: Http2ServerResponse) => unknown

/** Serves the gateway on a connection that it has taken over. */
export function serveOn(socket: Duplex, head: Buffer, answer: Answer, limits: Limits): ServerHttp2Session {
  if (head.length > 0) socket.unshift(head)
  const session = performServerHandshake(socket, {
    settings: { initialWindowSize: streamWindow, maxConcurrentStreams: limits.streams },
    maxSessionMemory: 64,
    maxHeaderListPairs: 128,
  })
  session.on('error', () => {})
  session.setLocalWindowSize(connectionWindow)
  endTogether(session, socket)
  keepAlive(session, socket, limits)
  session.on('stream', (stream: ServerHttp2Stream, headers, _flags, raw: string[]) => {
    stream.on('error', () => {})
    if (headers[':method'] === 'CONNECT') return stream.close()
    void answer(new Http2ServerRequest(stream, headers, {}, raw), new Http2ServerResponse(stream))
  })
  return session
}
