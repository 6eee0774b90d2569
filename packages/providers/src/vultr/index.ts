// The provider `vultr`: a machine is an instance of one account.

import type { ProvisioningProvider } from '../provider.ts'
import { creatingOnce } from '../shared/create-once.ts'
import { takingTurns } from '../shared/take-turns.ts'
import { catalog } from './catalog.ts'
import { find, list } from './list.ts'
import { open, type VultrOptions } from './options.ts'
import { order } from './order.ts'
import { resize } from './resize.ts'
import { resume } from './resume.ts'
import { removeSnapshot, restore, snapshot, snapshots } from './snapshot.ts'
import { status } from './status.ts'
import { suspend } from './suspend.ts'
import { terminate } from './terminate.ts'

export type { VultrOptions } from './options.ts'

export function vultrProvider(options: VultrOptions): ProvisioningProvider {
  const vultr = open(options)
  const inTurn = takingTurns()
  const { listLagMs, pollMs } = vultr.patience
  const resumed = (ref: string) => inTurn(ref, () => resume(vultr, ref))
  return {
    name: 'vultr',
    capabilities: {
      listLagMs,
      pollMs,
      deletes: 'now',
      billsWhileOff: true,
      setUp: 'script',
      templates: ['spoq', 'openclaw', 'seedbox'],
    },
    create: creatingOnce({
      find: machine => find(vultr, machine),
      look: ref => status(vultr, ref),
      resume: resumed,
      order: spec => order(vultr, spec),
      listLagMs,
      now: vultr.now,
    }),
    status: ref => status(vultr, ref),
    suspend: ref => inTurn(ref, () => suspend(vultr, ref)),
    resume: resumed,
    terminate: ref => inTurn(ref, () => terminate(vultr, ref)),
    find: machine => find(vultr, machine),
    list: () => list(vultr),
    catalog: () => catalog(vultr),
    resize: (ref, size) => inTurn(ref, () => resize(vultr, ref, size)),
    snapshot: (ref, name) => inTurn(ref, () => snapshot(vultr, ref, name)),
    snapshots: ref => snapshots(vultr, ref),
    restore: (ref, wanted) => inTurn(ref, () => restore(vultr, ref, wanted)),
    removeSnapshot: (ref, wanted) => inTurn(ref, () => removeSnapshot(vultr, ref, wanted)),
  }
}
