import type { MachineSpec, ProvisioningProvider } from '@spoq/providers'
import type { Places } from './places.ts'

/** The same provider, with a place around each verb; what happens inside is known to belong to it. */
export function watchProvider(provider: ProvisioningProvider, places: Places): ProvisioningProvider {
  const watched = <T>(verb: string, call: () => Promise<T>) => places.around(verb, () => places.within(verb, call))
  return {
    name: provider.name,
    capabilities: provider.capabilities,
    create: (spec: MachineSpec) => watched('create', () => provider.create(spec)),
    status: ref => watched('status', () => provider.status(ref)),
    suspend: ref => watched('suspend', () => provider.suspend(ref)),
    resume: ref => watched('resume', () => provider.resume(ref)),
    terminate: ref => watched('terminate', () => provider.terminate(ref)),
    find: machine => watched('find', () => provider.find(machine)),
    list: () => watched('list', () => provider.list()),
  }
}
