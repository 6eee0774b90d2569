import * as z from 'zod/mini'
import { type MachineSpec, ProviderError, type Resource } from '../provider.ts'
import { fits } from '../shared/set-up-script.ts'
import { instance, nameOf, resourceOf, tagsOf } from './instance.ts'
import type { Vultr } from './options.ts'
import { meta, pages } from './pages.ts'

/** Vultr names no limit; this is what others take, in bytes. */
const mostScript = 64 * 1024

/** Orders an instance. */
export async function order(vultr: Vultr, spec: MachineSpec): Promise<Resource> {
  const { machine, region, size, setUpScript } = spec
  if (region === undefined || size === undefined) throw new ProviderError('refused', 'A region and a size are needed.')
  if (!isForMachines(size)) throw new ProviderError('refused', `The plan ${size} is not for machines.`)
  fits(setUpScript, mostScript, 'Vultr')
  const os_id = await osOf(vultr)
  const made = await vultr.api.ask(z.object({ instance }), 'POST', '/instances', {
    body: {
      region,
      plan: size,
      os_id,
      label: nameOf(machine),
      hostname: nameOf(machine),
      tags: [tagsOf.machine(machine), tagsOf.installation(vultr.installation)],
      enable_ipv6: true,
      backups: 'disabled',
      activation_email: false,
      ...(setUpScript === undefined ? {} : { user_data: Buffer.from(setUpScript).toString('base64') }),
    },
  })
  const resource = resourceOf(made.instance, vultr)
  if (resource) return resource
  // Another order would make another one that is not found: a person has to see to it first.
  const message = `Vultr made instance ${made.instance.id} without its tags: end it at Vultr.`
  throw new ProviderError('refused', message, { undone: false })
}

/** Not those with a GPU, and not those that have no IPv4 address. */
export const isForMachines = (plan: string) => !plan.startsWith('vcg-') && !plan.endsWith('-v6')

/** The number of the operating system. */
async function osOf(vultr: Vultr): Promise<number> {
  const shape = z.object({ os: z.array(z.object({ id: z.number(), name: z.string() })), meta })
  const found = (await pages(vultr, '/os', shape, ({ os }) => os)).find(({ name }) => name === vultr.os)
  if (!found) throw new ProviderError('refused', `Vultr no longer has ${vultr.os}.`)
  return found.id
}
