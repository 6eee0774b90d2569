import type { Resource } from '../provider.ts'
import { machinesIn, sweep } from './folder.ts'
import type { Local } from './options.ts'
import { status } from './status.ts'

/** Every machine that has a folder, whole or not. */
export async function list(local: Local): Promise<Resource[]> {
  await sweep(local)
  const seen = await Promise.all((await machinesIn(local)).map(machine => status(local, machine)))
  return seen.filter(resource => resource !== null)
}
