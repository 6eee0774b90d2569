import { once } from 'node:events'
import type { Server } from 'node:net'

/** Binds a server to a unix socket with mode 0600. What stands there is for the caller to remove. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  // The socket is made within `listen`, and with it its mode: there is no moment in which others could open it.
  const before = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(before)
  }
  await once(server, 'listening')
}
