// One end of an SSH connection: packets in, packets out. ssh2 does the handshake, the ciphers and the exchange of new keys;
// what a packet says is its owner's.

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { gatherer, type Slabs } from './gather.ts'
import { type HostKey, hastenCiphers, type SshLibrary } from './library.ts'
import { disconnectReason, message } from './message.ts'
import { packet, string, uint32 } from './wire.ts'

export type Side = { hostKey: HostKey } | { knows: (hostKey: Buffer) => boolean }

export interface TransportOptions {
  library: SshLibrary
  slabs: Slabs
  socket: Duplex
  /** What it is: who is connected to, with its key, or who connects and says which key is the right one. */
  side: Side
  /** Told each packet of those above the transport; its bytes are its own until it returns. */
  received: (payload: Buffer) => void
  /** Told once keys were exchanged, the first time and each other. */
  ready: () => void
  /** Told that more may be sent: the socket took something, or there are new keys. */
  eased?: () => void
  limits?: Partial<TransportLimits>
}

export interface TransportLimits {
  /** How long an exchange of keys may take, in ms, */
  exchangeMs: number
  /** what may wait for its end, in bytes, */
  queuedBytes: number
  /** and after how many bytes, either way, we ask for one. */
  rekeyBytes: number
}

const usualLimits: TransportLimits = { exchangeMs: 60_000, queuedBytes: 16 << 20, rekeyBytes: 4 * 2 ** 30 }

export interface Transport {
  send(payload: Uint8Array): void
  /** The first exchange's hash, which signatures are bound to. */
  sessionId(): Buffer
  /** What was not taken over by the socket yet, in bytes. */
  waiting(): number
  isExchanging(): boolean
  /** Whether it reads; what it reads goes to `received`. */
  setReading(reads: boolean): void
  /** Says why, and ends once that is out. */
  end(reason: number, text: string): void
  /** Ends at once. */
  cut(why: string): void
  /** Why it ended. */
  closed: Promise<string>
}

const ident = 'Spoq'
/** How long a goodbye may take to go out. */
const goodbyeMs = 2_000

export function openTransport(options: TransportOptions): Transport {
  const { library, slabs, socket, side, received, ready, eased = () => {} } = options
  const { Protocol, offers } = library
  const limits = { ...usualLimits, ...options.limits }
  const { promise: closed, resolve } = Promise.withResolvers<string>()
  const out = gatherer(socket, slabs, () => eased())
  let [why, isOver, bytes, queued]: [string, boolean, number, number] = ['the connection ended', false, 0, 0]
  let late: NodeJS.Timeout | undefined = setTimeout(() => cut('the exchange of keys takes too long'), limits.exchangeMs)

  const protocol = new Protocol({
    server: 'hostKey' in side,
    ...('hostKey' in side ? { hostKeys: { [side.hostKey.type]: side.hostKey } } : { hostVerifier: side.knows }),
    ident,
    offer: 'hostKey' in side ? offers.server : offers.client,
    onWrite: bytes => out.write(bytes),
    onError: error => cut(error.message),
    onHandshakeComplete: () => {
      hastenCiphers(protocol)
      clearTimeout(late)
      ;[late, bytes, queued] = [undefined, 0, 0]
      ready()
      eased()
    },
    messageHandlers: { DISCONNECT: (_, __, text) => cut(text || 'the other side ended it') },
  })
  const own = protocol._onPayload
  protocol._onPayload = payload => {
    // What comes after the end is not taken apart, and nothing behind it.
    if (isOver) return Number.POSITIVE_INFINITY
    return isOfTransport(payload[0] ?? 0) ? own(payload) : void received(payload)
  }

  function read(chunk: Buffer): void {
    if (isOver) return
    try {
      protocol.parse(chunk, 0, chunk.length)
    } catch (error) {
      cut((error as Error).message)
    }
    bytes += chunk.length
    if (bytes > limits.rekeyBytes && !isExchanging()) protocol.rekey()
    if (isExchanging()) late ??= setTimeout(() => cut('the exchange of keys takes too long'), limits.exchangeMs)
  }

  function send(payload: Uint8Array): void {
    if (isOver) return
    bytes += payload.length
    if (!isExchanging()) {
      protocol._cipher.encrypt(padded(payload, slabs.scratch))
      return
    }
    protocol._queue ??= []
    protocol._queue.push(Buffer.from(payload))
    queued += payload.length
    if (queued > limits.queuedBytes) cut('too much waits for new keys')
  }

  function finish(reason: string): void {
    if (isOver) return
    ;[isOver, why] = [true, reason]
    clearTimeout(late)
    protocol.cleanup()
  }

  function cut(reason: string): void {
    finish(reason)
    out.flush()
    socket.destroy()
  }

  function end(reason: number, text: string): void {
    if (isOver) return
    // Within an exchange nothing but its own packets may be sent.
    if (!isExchanging()) send(packet(message.disconnect, uint32(reason), string(text), string('')))
    finish(text)
    out.flush()
    socket.end()
    setTimeout(() => socket.destroy(), goodbyeMs).unref()
    socket.resume()
  }

  const isExchanging = () => protocol._kexinit !== undefined
  socket.on('data', read)
  socket.on('error', error => finish(error.message))
  socket.once('end', () => cut('the other side went away'))
  socket.once('close', () => {
    finish('the connection ended')
    resolve(why)
  })
  // Else a keystroke waits for the answer to the one before it.
  ;(socket as Partial<Socket>).setNoDelay?.(true)
  protocol.start()
  return {
    send,
    sessionId: () => protocol._kex.sessionID,
    waiting: out.waiting,
    isExchanging,
    setReading: reads => {
      if (reads !== socket.isPaused()) return
      if (reads) socket.resume()
      else socket.pause()
    },
    end,
    cut,
    closed,
  }
}

/**
 * A packet as it is before it is encrypted: length, length of the padding, payload, padding. Every cipher that is offered leaves
 * the length out when it counts blocks of 16. The padding is what stands there, which began as random bytes.
 */
function padded(payload: Uint8Array, scratch: Buffer): Buffer {
  const odd = 16 - ((1 + payload.length) % 16)
  const padding = odd < 4 ? odd + 16 : odd
  const length = 1 + payload.length + padding
  const into = scratch.length >= 4 + length ? scratch : Buffer.allocUnsafe(4 + length)
  into.writeUInt32BE(length)
  into[4] = padding
  into.set(payload, 5)
  return into.subarray(0, 4 + length)
}

/** Packets above the transport are not for ssh2, which would take them apart. */
function isOfTransport(type: number): boolean {
  return (type < 50 && type !== message.serviceRequest && type !== message.serviceAccept) || type > 127
}

export const protocolError = (transport: Transport, text: string): void =>
  transport.end(disconnectReason.protocolError, text)
