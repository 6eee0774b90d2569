import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SpoqError } from '@spoq/contracts/problem'

/**
 * Binds a server to a port, 0 for any free one, and answers which.
 * @throws SpoqError `port_taken`.
 */
export async function listenOnPort(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new SpoqError('port_taken', { cause, message: `Port ${port} is taken by another program.` })
  }
  return (server.address() as AddressInfo).port
}

/** How long an answer that is under way may take to get out. */
const graceMs = 500

/** Stops taking requests, and cuts what is not done a moment later. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(cut)
}
