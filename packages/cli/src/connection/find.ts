import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Connection, listConnections } from '@spoq/contracts/connection'
import { SpoqError } from '@spoq/contracts/problem'

/** A connection by its id, or by the address of its server. @throws SpoqError `connection_not_found`, `ambiguous_id`. */
export async function findConnection(backend: Target, named: string): Promise<Connection> {
  const { connections } = await call(backend, listConnections, {})
  const found = connections.filter(({ id, address }) => id === named || address === named.toLowerCase())
  if (found.length > 1)
    throw new SpoqError('ambiguous_id', {
      message: `There are several connections to ${named}.`,
      next: 'Name one by its id: spoq connection list.',
    })
  if (!found[0]) throw new SpoqError('connection_not_found')
  return found[0]
}
