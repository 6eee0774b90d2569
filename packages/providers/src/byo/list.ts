import type { Resource } from '../provider.ts'
import type { Byo } from './options.ts'
import { look, presumed } from './status.ts'

/** The server that is a machine. */
export async function find(byo: Byo, machine: string): Promise<Resource[]> {
  const connection = await byo.connections.find(machine)
  const found = connection && (await look(byo, connection))
  return found ? [found] : []
}

/** All, as they were seen last: a look at everything waits for no stranger's server. `find` goes there. */
export async function list({ connections, seen }: Byo): Promise<Resource[]> {
  return (await connections.list()).map(connection => seen.get(connection.ref) ?? presumed(connection))
}
