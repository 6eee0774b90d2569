// The provider `contabo`: a machine is an instance in one account at Contabo. Nothing is deleted there: contracts are
// cancelled, and end when what is paid for ends.

import type { ProvisioningProvider } from '../provider.ts'
import { creatingOnce } from '../shared/create-once.ts'
import { turnsOf } from '../shared/take-turns.ts'
import { catalog } from './catalog.ts'
import { order, usable, usableOne } from './create.ts'
import { find, list } from './list.ts'
import { type ContaboOptions, open } from './options.ts'
import { resume } from './resume.ts'
import { rotateCredentials } from './rotate-credentials.ts'
import { removeSnapshot, restore, snapshot, snapshots } from './snapshot.ts'
import { status } from './status.ts'
import { suspend } from './suspend.ts'
import { terminate } from './terminate.ts'

export type { ContaboOptions } from './options.ts'

export function contaboProvider(options: ContaboOptions): ProvisioningProvider {
  const contabo = open(options)
  const { listLagMs, pollMs } = contabo.patience
  const turn = turnsOf(contabo)
  return {
    name: 'contabo',
    capabilities: {
      listLagMs,
      pollMs,
      deletes: 'at-period-end',
      billsWhileOff: true,
      setUp: 'script',
      // Nothing is known of torrents in its terms.
      workloads: ['general'],
    },
    create: creatingOnce({
      find: machine => usable(contabo, machine),
      look: ref => usableOne(contabo, ref),
      resume: ref => resume(contabo, ref),
      order: spec => order(contabo, spec),
      listLagMs,
      now: contabo.now,
    }),
    status: ref => status(contabo, ref),
    suspend: turn(suspend),
    resume: turn(resume),
    terminate: turn(terminate),
    find: machine => find(contabo, machine),
    list: () => list(contabo),
    catalog: () => catalog(contabo),
    snapshot: turn(snapshot),
    snapshots: ref => snapshots(contabo, ref),
    restore: turn(restore),
    removeSnapshot: turn(removeSnapshot),
    rotateCredentials: turn(rotateCredentials),
  }
}
