// The provider `local`: a machine is a folder on this computer and a Conductor that runs in it as a process of its own.
// It outlives the backend, which finds it again by its folder.

import type { ProvisioningProvider } from '../provider.ts'
import { takingTurns } from '../shared/take-turns.ts'
import { create } from './create.ts'
import { list } from './list.ts'
import { type LocalOptions, withDefaults } from './options.ts'
import { resume } from './resume.ts'
import { status } from './status.ts'
import { suspend } from './suspend.ts'
import { terminate } from './terminate.ts'

export type { LocalOptions } from './options.ts'

/** Makes machines on this computer. One process at a time may use a machines' folder. */
export function localProvider(options: LocalOptions): ProvisioningProvider {
  const local = withDefaults(options)
  const inTurn = takingTurns()
  return {
    name: 'local',
    capabilities: {
      listLagMs: 0,
      deletes: 'now',
      billsWhileOff: false,
      hardware: 'own',
      workloads: ['general', 'torrent'],
    },
    create: spec => inTurn(spec.machine, () => create(local, spec)),
    status: ref => status(local, ref),
    suspend: ref => inTurn(ref, () => suspend(local, ref)),
    resume: ref => inTurn(ref, () => resume(local, ref)),
    terminate: ref => inTurn(ref, () => terminate(local, ref)),
    find: async machine => [await status(local, machine)].filter(resource => resource !== null),
    list: () => list(local),
  }
}
