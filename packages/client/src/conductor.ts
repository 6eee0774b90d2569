import { overSocket } from './socket.ts'
import type { Target } from './target.ts'

/**
 * Works with the Conductor at an address, `https://…` or `unix:/…` on this computer; a connection that is made for it ends
 * with the work.
 */
export async function atConductor<T>(
  endpoint: string,
  as: Pick<Target, 'token' | 'now'>,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const target = { ...as, unreachable: 'machine_unreachable' } as const
  if (!endpoint.startsWith('unix:')) return work({ ...target, origin: endpoint })
  const dispatcher = overSocket(endpoint.slice('unix:'.length))
  try {
    return await work({ ...target, origin: 'http://conductor', dispatcher })
  } finally {
    await dispatcher.destroy()
  }
}
