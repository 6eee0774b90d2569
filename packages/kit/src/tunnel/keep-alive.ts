import type { Http2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import { cut } from './cut.ts'

interface Times {
  pingMs: number
  pongMs: number
}

/**
 * Asks the other side now and then whether it lives, and ends the session when nothing comes: a network that was pulled
 * out tells nobody. An answer that is stuck behind much data counts as life by that data.
 */
export function keepAlive(session: Http2Session, socket: Duplex, { pingMs, pongMs }: Times): void {
  const received = () => (socket as { bytesRead?: number }).bytesRead ?? 0
  let patience: NodeJS.Timeout | undefined
  const judge = (before: number) => {
    patience = undefined
    if (received() === before) cut(session, socket)
  }
  const ask = () => {
    if (patience || session.destroyed) return
    patience = setTimeout(judge, pongMs, received())
    session.ping(() => {
      clearTimeout(patience)
      patience = undefined
    })
  }
  const timer = setInterval(ask, pingMs)
  session.once('close', () => {
    clearInterval(timer)
    clearTimeout(patience)
  })
}
