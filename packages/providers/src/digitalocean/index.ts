// The provider `digitalocean`: a machine is a droplet of one team.

import type { ProvisioningProvider } from '../provider.ts'
import { creatingOnce } from '../shared/create-once.ts'
import { turnsOf } from '../shared/take-turns.ts'
import { catalog } from './catalog.ts'
import { find, list } from './list.ts'
import { type DigitalOceanOptions, open } from './options.ts'
import { order } from './order.ts'
import { resize } from './resize.ts'
import { resume } from './resume.ts'
import { rotateCredentials } from './rotate-credentials.ts'
import { removeSnapshot, restore, snapshot, snapshots } from './snapshot.ts'
import { status } from './status.ts'
import { suspend } from './suspend.ts'
import { terminate } from './terminate.ts'

export type { DigitalOceanOptions } from './options.ts'

export function digitaloceanProvider(options: DigitalOceanOptions): ProvisioningProvider {
  const cloud = open(options)
  const turn = turnsOf(cloud)
  const { listLagMs, pollMs } = cloud.patience
  const resumed = turn(resume)
  return {
    name: 'digitalocean',
    capabilities: {
      listLagMs,
      pollMs,
      deletes: 'now',
      billsWhileOff: true,
      setUp: 'script',
      // Its rules forbid torrents.
      workloads: ['general'],
    },
    create: creatingOnce({
      find: machine => find(cloud, machine),
      look: ref => status(cloud, ref),
      resume: resumed,
      order: spec => order(cloud, spec),
      listLagMs,
      now: cloud.now,
    }),
    status: ref => status(cloud, ref),
    suspend: turn(suspend),
    resume: resumed,
    terminate: turn(terminate),
    find: machine => find(cloud, machine),
    list: () => list(cloud),
    catalog: () => catalog(cloud),
    resize: turn(resize),
    snapshot: turn(snapshot),
    snapshots: ref => snapshots(cloud, ref),
    restore: turn(restore),
    removeSnapshot: turn(removeSnapshot),
    rotateCredentials: turn(rotateCredentials),
  }
}
