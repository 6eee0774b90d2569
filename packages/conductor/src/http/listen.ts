import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SpoqError } from '@spoq/contracts/problem'

/** Binds a server to a unix socket that its user alone can open (0600), or its `group` as well (0660). */
export async function listenOnSocket(server: Server, path: string, whose: 'user' | 'group' = 'user'): Promise<void> {
  // The socket is made within `listen`, and with it its mode: there is no moment in which others could open it.
  const before = process.umask(whose === 'user' ? 0o177 : 0o117)
  try {
    server.listen(path)
  } finally {
    process.umask(before)
  }
  await once(server, 'listening')
}

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
