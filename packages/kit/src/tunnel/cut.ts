import type { Http2Session } from 'node:http2'
import type { Duplex } from 'node:stream'

/** Ends a session at once. One that was closing would wait for the other side, which may never answer. */
export function cut(session: Http2Session, socket: Duplex): void {
  session.destroy()
  socket.destroy()
}

/** Takes no new request, and cuts what is not done after so many ms. */
export async function drain(session: Http2Session, socket: Duplex, patienceMs: number): Promise<void> {
  if (session.destroyed) return
  const closed = new Promise<void>(resolve => session.once('close', resolve))
  const late = setTimeout(cut, patienceMs, session, socket)
  session.close()
  await closed
  clearTimeout(late)
}

/** Ends the session with the connection, also where that stays half open. */
export function endTogether(session: Http2Session, socket: Duplex): void {
  socket.once('end', () => cut(session, socket))
}
