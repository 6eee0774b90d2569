// The provider `docker`: a machine is a hardened container on one Docker Engine, with a volume and a network of its own.

import type { ProvisioningProvider } from '../provider.ts'
import { catalog } from './catalog.ts'
import { create } from './create.ts'
import { form } from './form.ts'
import { list } from './list.ts'
import { type DockerOptions, open } from './options.ts'
import { resume } from './resume.ts'
import { edgeOf } from './sockets.ts'
import { status } from './status.ts'
import { suspend } from './suspend.ts'
import { terminate } from './terminate.ts'

export type { DockerOptions } from './options.ts'

export function dockerProvider(options: DockerOptions): ProvisioningProvider {
  const engine = open(options)
  const { inTurn } = engine
  return {
    name: 'docker',
    capabilities: {
      listLagMs: 2_000,
      deletes: 'now',
      billsWhileOff: false,
      setUp: 'none',
      hardware: 'fleet',
      sleeps: true,
      // Of a fleet its operator says it.
      workloads: ['general'],
      createsAtOnce: 4,
    },
    create: spec => inTurn(spec.machine, () => create(engine, spec)),
    status: ref => status(engine, ref),
    suspend: ref => inTurn(ref, () => suspend(engine, ref)),
    resume: ref => inTurn(ref, () => resume(engine, ref)),
    terminate: ref => inTurn(ref, () => terminate(engine, ref)),
    find: async machine => [await status(engine, machine)].filter(resource => resource !== null),
    list: () => list(engine),
    form: () => form(engine),
    socketOf: machine => edgeOf(engine, machine) ?? undefined,
    catalog: async () => catalog(engine),
  }
}
