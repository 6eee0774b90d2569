// The provider `hostinger`: a machine is a virtual machine in one account at Hostinger. An order is charged at once, and
// nothing is deleted: contracts are no longer renewed, and end when what is paid for ends.

import type { ProvisioningProvider } from '../provider.ts'
import { creatingOnce } from '../shared/create-once.ts'
import { turnsOf } from '../shared/take-turns.ts'
import { catalog } from './catalog.ts'
import { order } from './create.ts'
import { find, list, usable } from './list.ts'
import { type HostingerOptions, open } from './options.ts'
import { resume } from './resume.ts'
import { rotateCredentials } from './rotate-credentials.ts'
import { ordered, status } from './status.ts'
import { suspend } from './suspend.ts'
import { terminate } from './terminate.ts'

export type { HostingerOptions } from './options.ts'

export function hostingerProvider(options: HostingerOptions): ProvisioningProvider {
  const hostinger = open(options)
  const { listLagMs, pollMs } = hostinger.patience
  const turn = turnsOf(hostinger)
  return {
    name: 'hostinger',
    capabilities: {
      listLagMs,
      pollMs,
      deletes: 'at-period-end',
      billsWhileOff: true,
      afterLostCreate: 'person',
      setUp: 'script',
      // Nothing is known of torrents in its terms.
      workloads: ['general'],
    },
    create: creatingOnce({
      find: machine => usable(hostinger, machine),
      look: (ref, machine) => ordered(hostinger, ref, machine),
      resume: ref => resume(hostinger, ref),
      order: spec => order(hostinger, spec),
      listLagMs,
      now: hostinger.now,
    }),
    status: ref => status(hostinger, ref),
    suspend: turn(suspend),
    resume: turn(resume),
    terminate: turn(terminate),
    find: machine => find(hostinger, machine),
    list: () => list(hostinger),
    catalog: () => catalog(hostinger),
    rotateCredentials: turn(rotateCredentials),
  }
}
