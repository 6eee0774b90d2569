// What both ends agree on. A machine dials with an HTTP/1.1 upgrade; from then on it is the HTTP/2 server on that
// connection and the gateway the client, so that a machine can answer and never ask.

/** The name in the Upgrade header. */
export const protocol = 'spoq-tunnel/1'

/** 64 KiB, which is HTTP/2's own, gives 1 MB/s at 40 ms; these give 81. */
export const streamWindow = 4 << 20
export const connectionWindow = 16 << 20

export interface Limits {
  /** Requests to a machine at a time. */
  streams: number
  /** What may wait here of a machine's answers because their readers are slow, in bytes. */
  bufferedBytes: number
  /** How long a machine may take until an answer begins, in ms. */
  answerMs: number
  /** Each so many ms the other side is asked whether it lives, */
  pingMs: number
  /** and it has so many to say anything at all. */
  pongMs: number
  /** How long a connection that was replaced may go on with what it was asked, in ms. */
  drainMs: number
}

export const usualLimits: Limits = {
  streams: 256,
  bufferedBytes: 64 << 20,
  answerMs: 300_000,
  pingMs: 15_000,
  pongMs: 15_000,
  drainMs: 60_000,
}

/** The machine has no connection just now. */
export class TunnelAway extends Error {
  override readonly name = 'TunnelAway'
}

/** The machine has as many requests as it may. */
export class TunnelFull extends Error {
  override readonly name = 'TunnelFull'
}

/** The connection ended, or the machine gave no whole answer; whether it acted nobody knows. */
export class TunnelBroken extends Error {
  override readonly name = 'TunnelBroken'
}
