import type { Resource } from '../provider.ts'
import { listInstances, resourceOf } from './instance.ts'
import type { Contabo } from './options.ts'

/** Every server of this Spoq. */
export async function list(contabo: Contabo): Promise<Resource[]> {
  const instances = await listInstances(contabo)
  return instances.map(one => resourceOf(one, contabo)).filter(resource => resource !== null)
}

/** The servers that carry a machine's name. */
export async function find(contabo: Contabo, machine: string): Promise<Resource[]> {
  return (await list(contabo)).filter(resource => resource.machine === machine)
}
