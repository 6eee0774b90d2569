import * as z from 'zod/mini'
import { type MachineSpec, ProviderError, type Resource } from '../provider.ts'
import { fits } from '../shared/set-up-script.ts'
import { imageId } from './image.ts'
import { type Instance, listInstances, nameOf, oneOf, resourceOf, tagOf } from './instance.ts'
import type { Contabo } from './options.ts'
import { lookUp } from './status.ts'
import { mostScriptBytes, userDataOf } from './user-data.ts'

const ordered = oneOf(z.object({ instanceId: z.number(), status: z.string() }))

/** What can be taken over for a machine: not one that was wiped, though it may not be cancelled yet. */
export async function usable(contabo: Contabo, machine: string): Promise<Resource[]> {
  const tagged = (await listInstances(contabo)).filter(one => tagOf(one, contabo)?.machine === machine)
  return tagged.map(one => unwiped(contabo, one)).filter(resource => resource !== null)
}

/** The same for what was ordered a moment ago. @throws ProviderError `retry` while it cannot be seen */
export async function usableOne(contabo: Contabo, ref: string): Promise<Resource | null> {
  const found = await lookUp(contabo, ref)
  if (!found) throw new ProviderError('retry', 'Contabo does not show yet what was ordered a moment ago.')
  return unwiped(contabo, found)
}

const unwiped = (contabo: Contabo, found: Instance) =>
  tagOf(found, contabo)?.isWiped ? null : resourceOf(found, contabo)

/** Orders a server: a contract for at least a month begins. */
export async function order(contabo: Contabo, spec: MachineSpec): Promise<Resource> {
  const { machine, region, size, setUpScript } = spec
  if (region === undefined || size === undefined) throw new ProviderError('refused', 'A region and a size are needed.')
  fits(setUpScript, mostScriptBytes, 'Contabo')
  const displayName = nameOf(machine, contabo)
  const made = await contabo.api.ask(ordered, 'POST', '/v1/compute/instances', {
    body: {
      imageId: await imageId(contabo),
      productId: size,
      region,
      period: contabo.period,
      displayName,
      ...(setUpScript === undefined ? {} : { userData: userDataOf(setUpScript) }),
    },
  })
  const resource = resourceOf({ ...made.data[0], displayName }, contabo)
  if (!resource) throw new ProviderError('retry', 'Contabo made a server without its name.')
  return resource
}
