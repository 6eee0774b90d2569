// The provider `hetzner`: a machine is a server in one project of Hetzner Cloud. The reference of all VPS providers.

import type { ProvisioningProvider } from '../provider.ts'
import { takingTurns, turnsOf } from '../shared/take-turns.ts'
import { catalog } from './catalog.ts'
import { create } from './create.ts'
import { find, list } from './list.ts'
import { type HetznerOptions, open } from './options.ts'
import { resize } from './resize.ts'
import { resume } from './resume.ts'
import { rotateCredentials } from './rotate-credentials.ts'
import { removeSnapshot, restore, snapshot, snapshots } from './snapshot.ts'
import { status } from './status.ts'
import { suspend } from './suspend.ts'
import { terminate } from './terminate.ts'

export type { HetznerOptions } from './options.ts'

export function hetznerProvider(options: HetznerOptions): ProvisioningProvider {
  const hetzner = open(options)
  const turn = turnsOf(hetzner)
  const inTurn = takingTurns()
  return {
    name: 'hetzner',
    capabilities: {
      listLagMs: hetzner.patience.listLagMs,
      pollMs: hetzner.patience.pollMs,
      deletes: 'now',
      billsWhileOff: true,
      setUp: 'script',
      // Nothing is known of torrents in its terms.
      workloads: ['general'],
    },
    create: spec => inTurn(spec.machine, () => create(hetzner, spec)),
    status: ref => status(hetzner, ref),
    suspend: turn(suspend),
    resume: turn(resume),
    terminate: turn(terminate),
    find: machine => find(hetzner, machine),
    list: () => list(hetzner),
    catalog: () => catalog(hetzner),
    resize: turn(resize),
    snapshot: turn(snapshot),
    snapshots: ref => snapshots(hetzner, ref),
    restore: turn(restore),
    removeSnapshot: turn(removeSnapshot),
    rotateCredentials: turn(rotateCredentials),
  }
}
