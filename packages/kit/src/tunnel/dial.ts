// One try of a machine to connect: an HTTP/1.1 request that asks to speak something else from then on.

import { request as plainRequest } from 'node:http'
import { type RequestOptions, request as tlsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { protocol } from './protocol.ts'

/** The gateway is not there, or does not take this machine. */
export class DialFailed extends Error {
  override readonly name = 'DialFailed'
  /** Its status, when it answered at all. */
  readonly status: number | undefined
  /** Ms that it asked to wait. */
  readonly retryAfterMs: number

  constructor(message: string, status?: number, retryAfterMs = 0) {
    super(message)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

export interface Dialled {
  socket: Duplex
  /** What came right behind the answer. */
  head: Buffer
}

export interface Gateway {
  /** https, or http on this computer's own addresses. */
  url: string
  token: string
  /** Authorities to trust beside the system's. */
  ca?: string
}

/** How long it may take until the gateway says yes or no, in ms. */
const patienceMs = 20_000
const mostWaitMs = 300_000

/** Connects. @throws DialFailed */
export async function dial({ url, token, ca }: Gateway, signal: AbortSignal): Promise<Dialled> {
  const { protocol: scheme, hostname } = new URL(url)
  if (scheme !== 'https:' && !isLoopback(hostname)) throw new DialFailed(`${url} is not https: the token stays here`)
  const options: RequestOptions = {
    // One connection for good: no pool may hand it to anybody else.
    agent: false,
    headers: { connection: 'Upgrade', upgrade: protocol, authorization: `Bearer ${token}` },
    ...(ca === undefined ? {} : { ca }),
  }
  const { promise, resolve, reject } = Promise.withResolvers<Dialled>()
  const request = (scheme === 'https:' ? tlsRequest : plainRequest)(url, options)
  request.once('upgrade', (response, socket, head) => {
    if (response.headers.upgrade !== protocol) {
      socket.destroy()
      return reject(new DialFailed('what answers there is no gateway', response.statusCode))
    }
    socket.setNoDelay(true)
    socket.setTimeout(0)
    resolve({ socket, head })
  })
  request.once('response', response => {
    const { statusCode, headers } = response
    response.destroy()
    const retryAfterMs = Math.min(Number(headers['retry-after'] ?? 0) * 1_000 || 0, mostWaitMs)
    reject(new DialFailed(`the gateway answered ${statusCode}`, statusCode, retryAfterMs))
  })
  request.on('error', error => reject(new DialFailed(error.message)))
  // Not the request's own signal: that would end the connection that came of it as well.
  const giveUp = () => request.destroy(new Error('the gateway does not answer'))
  const late = setTimeout(giveUp, patienceMs)
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) giveUp()
  request.end()
  try {
    return await promise
  } finally {
    clearTimeout(late)
    signal.removeEventListener('abort', giveUp)
  }
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
