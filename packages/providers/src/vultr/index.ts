// The provider `vultr`: a machine is an instance of one account.

import type { ProvisioningProvider } from '../provider.ts'
import { creatingOnce } from '../shared/create-once.ts'
import { turnsOf } from '../shared/take-turns.ts'
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
  const turn = turnsOf(vultr)
  const { listLagMs, pollMs } = vultr.patience
  const resumed = turn(resume)
  return {
    name: 'vultr',
    capabilities: {
      listLagMs,
      pollMs,
      deletes: 'now',
      billsWhileOff: true,
      setUp: 'script',
      // Nothing is known of torrents in its terms.
      workloads: ['general'],
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
    suspend: turn(suspend),
    resume: resumed,
    terminate: turn(terminate),
    find: machine => find(vultr, machine),
    list: () => list(vultr),
    catalog: () => catalog(vultr),
    resize: turn(resize),
    snapshot: turn(snapshot),
    snapshots: ref => snapshots(vultr, ref),
    restore: turn(restore),
    removeSnapshot: turn(removeSnapshot),
  }
}
