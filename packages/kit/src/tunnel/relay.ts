// One request through a tunnel: what comes from the client goes on as it comes, the answer comes back as it
// comes, each as fast as its reader reads, and whoever goes away is told to the other.

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import { responseHeaders } from './headers.ts'
import { TunnelBroken, TunnelFull } from './protocol.ts'

/** The machine's side of a request, whatever carries it. */
export interface Upstream {
  /** Takes the request's body. */
  body: Writable
  /** Settles once the answer begins; rejects when none comes. */
  answer: Promise<{ status: number; headers: IncomingHttpHeaders; body: Readable }>
  /** Gives it up. */
  cancel(): void
}

/** Asked for by anything but a path of its own, as a proxy is, or with a body whose end Node and others may see elsewhere. */
export const isOdd = ({ url, headers }: IncomingMessage): boolean =>
  !url?.startsWith('/') || !['chunked', undefined].includes(headers['transfer-encoding'])

/** A request without a body ends with its headers. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/**
 * Relays until the answer has gone out whole.
 * @throws TunnelBroken when no answer began, which is then the caller's to give. An answer that breaks off later is cut for
 * the client as well.
 */
export async function relay(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: Upstream,
  answerMs: number,
): Promise<void> {
  const gone = Promise.withResolvers<never>()
  gone.promise.catch(() => {})
  const leave = () => {
    if (response.writableFinished) return
    upstream.cancel()
    gone.reject(new TunnelBroken('the client went away'))
  }
  response.once('close', leave)
  request.once('error', leave)
  for (const end of [upstream.body, response]) end.on('error', () => {})
  if (hasBody(request)) request.pipe(upstream.body)
  const late = setTimeout(() => {
    gone.reject(new TunnelBroken('the machine does not begin to answer'))
    upstream.cancel()
  }, answerMs)
  try {
    const answer = await Promise.race([upstream.answer, gone.promise])
    clearTimeout(late)
    begin(request, response, answer)
    await Promise.race([whole(request, response, answer), gone.promise])
  } catch (error) {
    upstream.cancel()
    if (!response.headersSent) throw isOurs(error) ? error : new TunnelBroken(String(error), { cause: error })
    response.destroy()
  } finally {
    clearTimeout(late)
  }
}

/** Of an answer whose reader is slow, in bytes. */
const mostUnsent = 1 << 20

const isOurs = (error: unknown) => error instanceof TunnelBroken || error instanceof TunnelFull

type Answer = Awaited<Upstream['answer']>

function begin(request: IncomingMessage, response: ServerResponse, { status, headers }: Answer): void {
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new TunnelBroken(`the machine answered ${status}`)
  // What is left of the request nobody may read any more, and then the connection cannot carry another.
  const last = request.complete ? {} : { connection: 'close' }
  gather(response)
  response.writeHead(status, { ...responseHeaders(headers), ...last })
  response.flushHeaders()
}

/**
 * What is written in one turn of the event loop goes out in one piece: a write to the system costs more than all else here.
 * The socket is corked, since a response that is ends its chunks before it sends them.
 */
function gather({ socket }: ServerResponse): void {
  if (!socket || socket.writableCorked > 0) return
  socket.cork()
  setImmediate(() => socket.uncork())
}

/** An answer of another length than it says would run into the next one on the same connection: it is cut. */
function whole(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  const said = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  const isEmpty = request.method === 'HEAD' || status === 204 || status === 304
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let [bytes, ended] = [0, false]
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (said !== undefined && !isEmpty && bytes > said) return reject(new TunnelBroken('the answer is too long'))
    gather(response)
    if (!response.write(chunk) && response.writableLength > mostUnsent) body.pause()
  })
  response.on('drain', () => body.resume())
  body.once('end', () => {
    ended = true
    if (said !== undefined && !isEmpty && bytes !== said) return reject(new TunnelBroken('the answer is too short'))
    response.end()
  })
  body.once('error', reject)
  body.once('close', () => {
    if (!ended) reject(new TunnelBroken('the answer broke off'))
  })
  response.once('finish', resolve)
  return promise
}
