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

/** Takes a stream of bytes that the gateway opens to something by its name; false: there is nothing of that name. */
export type Connected = (name: string, stream: Duplex) => boolean

export interface Serving {
  answer: Answer
  connected?: Connected | undefined
}

/** Serves the gateway on a connection that it has taken over. */
export function serveOn(
  socket: Duplex,
  head: Buffer,
  { answer, connected = () => false }: Serving,
  limits: Limits,
): ServerHttp2Session {
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
    if (headers[':method'] === 'CONNECT') return connect(stream, String(headers[':authority']), connected)
    void answer(new Http2ServerRequest(stream, headers, {}, raw), new Http2ServerResponse(stream))
  })
  return session
}

function connect(stream: ServerHttp2Stream, name: string, connected: Connected): void {
  if (connected(name, stream)) stream.respond({ ':status': 200 })
  else stream.respond({ ':status': 404 }, { endStream: true })
}
