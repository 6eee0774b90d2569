import type { Resource } from '../provider.ts'
import type { Byo, Connection } from './options.ts'
import { onServer, resourceOn } from './server.ts'

/** Looks at one server. @throws ProviderError `retry` when it does not answer: that does not mean that it is gone. */
export async function status(byo: Byo, ref: string): Promise<Resource | null> {
  const connection = await byo.connections.get(ref)
  return connection && look(byo, connection)
}

/** One that is to end need not be there: its end says itself what cannot be done. */
export async function look(byo: Byo, connection: Connection): Promise<Resource | null> {
  const { ref, machine, isEnding, isCleaned } = connection
  if (isEnding || isCleaned) return byo.seen.get(ref) ?? presumed(connection)
  return onServer(byo, ref, server => resourceOn(byo, server, ref, machine))
}

export const presumed = ({ ref, machine }: Connection): Resource => ({ ref, machine, state: 'running', endpoint: null })
