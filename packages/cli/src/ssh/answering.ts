// Which of several gateways answers, asked before ssh is started: it tries one host alone.

import { connect, type Socket } from 'node:net'
import type { SshPlace } from '@spoq/contracts/ssh'

/** When nothing has come of one for so long, the next is asked as well, in ms. */
const staggerMs = 300
const patienceMs = 4_000

/** The first of these that answers as SSH, asked in their order; null: none does. */
export async function answering(places: readonly SshPlace[]): Promise<SshPlace | null> {
  const sockets: Socket[] = []
  const { promise, resolve } = Promise.withResolvers<SshPlace | null>()
  const late = setTimeout(resolve, patienceMs, null)
  let waiting: NodeJS.Timeout | undefined
  let next = 0
  let open = 0
  const ask = () => {
    clearTimeout(waiting)
    const place = places[next++]
    if (!place) return void (open === 0 && resolve(null))
    open += 1
    const socket = connect(place.port, place.host)
    sockets.push(socket)
    // Whoever only takes the connection, as what stands before a gateway that is gone, is none.
    socket.once('data', said => (String(said).startsWith('SSH-') ? resolve(place) : socket.destroy()))
    socket.on('error', () => {})
    socket.once('end', () => socket.destroy())
    socket.once('close', () => {
      open -= 1
      ask()
    })
    waiting = setTimeout(ask, staggerMs)
  }
  ask()
  try {
    return await promise
  } finally {
    clearTimeout(late)
    clearTimeout(waiting)
    for (const socket of sockets) socket.removeAllListeners('close').destroy()
  }
}
