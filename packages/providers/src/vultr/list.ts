import type { Resource } from '../provider.ts'
import { listInstances, resourceOf } from './instance.ts'
import type { Vultr } from './options.ts'

/** Every instance of this Spoq. */
export async function list(vultr: Vultr): Promise<Resource[]> {
  const instances = await listInstances(vultr)
  return instances.map(found => resourceOf(found, vultr)).filter(resource => resource !== null)
}

/** The instances that carry a machine's tag. */
export async function find(vultr: Vultr, machine: string): Promise<Resource[]> {
  return (await list(vultr)).filter(resource => resource.machine === machine)
}
