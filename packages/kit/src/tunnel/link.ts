// The gateway's end of one machine's connection.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { Duplex } from 'node:stream'
import { cut, drain, endTogether } from './cut.ts'
import { requestHeaders } from './headers.ts'
import { keepAlive } from './keep-alive.ts'
import {
  connectionWindow,
  type Limits,
  protocol,
  streamWindow,
  TunnelAway,
  TunnelBroken,
  TunnelFull,
} from './protocol.ts'
import { hasBody, relay, type Upstream } from './relay.ts'

export interface Link {
  /** Settles once it is over. */
  closed: Promise<void>
  /** Requests that are under way. */
  streams(): number
  /** @throws TunnelAway, TunnelFull, TunnelBroken */
  forward(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** A stream of bytes to something on the machine. @throws TunnelAway, TunnelFull, TunnelBroken when there is no such thing. */
  open(name: string): Promise<Duplex>
  /** Takes no new request, and ends when those under way are answered, or after so many ms. */
  drain(patienceMs: number): Promise<void>
  cut(): void
}

/**
 * Says to the machine that it is connected; answers whether the socket still stands once that is out. Only then may HTTP/2
 * take the socket over: Node ends the whole process when a write is under way at that moment.
 */
export async function welcome(socket: Duplex): Promise<boolean> {
  const said = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('close', resolve)
  socket.write(said, () => resolve())
  await promise
  socket.off('close', resolve)
  return !socket.destroyed && socket.writable
}

/** Speaks HTTP/2 to a machine that was welcomed. */
export function openLink(socket: Duplex, head: Buffer, limits: Limits): Link {
  if (head.length > 0) socket.unshift(head)
  const session = connect('http://machine', {
    createConnection: () => socket,
    settings: { initialWindowSize: streamWindow, enablePush: false },
    // As long as the machine has not said how many it takes.
    peerMaxConcurrentStreams: limits.streams,
    maxSessionMemory: 64,
    maxHeaderListPairs: 128,
  })
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  session.once('close', resolve)
  session.on('error', () => {})
  session.once('connect', () => session.setLocalWindowSize(connectionWindow))
  endTogether(session, socket)
  keepAlive(session, socket, limits)
  const live = new Map<ClientHttp2Stream, ServerResponse>()
  const opened = new Set<ClientHttp2Stream>()
  const thrift = setInterval(() => cutSlowest(live, limits.bufferedBytes), 250)
  session.once('close', () => clearInterval(thrift))

  return {
    closed,
    streams: () => live.size + opened.size,
    async forward(request, response) {
      if (live.size >= limits.streams) throw new TunnelFull()
      const stream = startOf(() => session.request(requestHeaders(request), { endStream: !hasBody(request) }))
      live.set(stream, response)
      stream.once('close', () => live.delete(stream))
      await relay(request, response, upstreamOf(stream), limits.answerMs)
    },
    async open(name) {
      if (live.size + opened.size >= limits.streams) throw new TunnelFull()
      const stream = startOf(() => session.request({ ':method': 'CONNECT', ':authority': name }, { endStream: false }))
      opened.add(stream)
      stream.once('close', () => opened.delete(stream))
      const { answer } = upstreamOf(stream)
      const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), openMs)
      const { status } = await answer.finally(() => clearTimeout(late))
      if (status === 200) return stream
      opened.delete(stream)
      stream.close()
      throw new TunnelBroken(`there is no ${name} on the machine`)
    },
    drain: patienceMs => drain(session, socket, patienceMs),
    cut: () => cut(session, socket),
  }
}

/** How long a machine may take to say that a stream is open, in ms. */
const openMs = 10_000

function startOf(request: () => ClientHttp2Stream): ClientHttp2Stream {
  try {
    return request()
  } catch (cause) {
    // Nothing was sent: the connection is closing.
    throw new TunnelAway('the connection ends', { cause })
  }
}

function upstreamOf(stream: ClientHttp2Stream): Upstream {
  const { promise: answer, resolve, reject } = Promise.withResolvers<Awaited<Upstream['answer']>>()
  let isAnswered = false
  stream.once('response', headers => {
    // Header names come as HTTP/1.1 has them; a list is a Set-Cookie.
    isAnswered = true
    resolve({ status: Number(headers[':status']), headers: headers as Record<string, string>, body: stream })
  })
  const isRefused = () => stream.rstCode === constants.NGHTTP2_REFUSED_STREAM
  stream.on('error', error => reject(isRefused() ? new TunnelFull() : error))
  stream.once('close', () => isAnswered || reject(new TunnelBroken('the connection ended')))
  answer.catch(() => {})
  return { body: stream, answer, cancel: () => stream.close(constants.NGHTTP2_CANCEL) }
}

/** Too much waits for slow readers: the one for whom the most waits is cut, and may ask again. */
function cutSlowest(live: ReadonlyMap<ClientHttp2Stream, ServerResponse>, most: number): void {
  const waiting = [...live].map(([stream, response]) => ({
    stream,
    response,
    bytes: stream.readableLength + response.writableLength,
  }))
  let sum = waiting.reduce((total, { bytes }) => total + bytes, 0)
  for (const { stream, response, bytes } of waiting.sort((a, b) => b.bytes - a.bytes)) {
    if (sum <= most) return
    stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)
    response.destroy()
    sum -= bytes
  }
}
