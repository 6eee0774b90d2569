import { once } from 'node:events'
import type { Server } from 'node:net'

/**
 * Binds a server to a unix socket that its user alone can open (0600), or its `group` as well (0660). What stands there is
 * for the caller to remove.
 */
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
