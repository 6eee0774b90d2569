// The provider `hetzner`: a machine is a server in one project of Hetzner Cloud. The reference of all VPS providers.

import type { ProvisioningProvider } from '../provider.ts'
import { takingTurns } from '../shared/take-turns.ts'
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
  const inTurn = takingTurns()
  return {
    name: 'hetzner',
    capabilities: {
      listLagMs: hetzner.patience.listLagMs,
      pollMs: hetzner.patience.pollMs,
      deletes: 'now',
      billsWhileOff: true,
      setUp: 'script',
      templates: ['spoq', 'openclaw', 'seedbox'],
    },
    create: spec => inTurn(spec.machine, () => create(hetzner, spec)),
    status: ref => status(hetzner, ref),
    suspend: ref => inTurn(ref, () => suspend(hetzner, ref)),
    resume: ref => inTurn(ref, () => resume(hetzner, ref)),
    terminate: ref => inTurn(ref, () => terminate(hetzner, ref)),
    find: machine => find(hetzner, machine),
    list: () => list(hetzner),
    catalog: () => catalog(hetzner),
    resize: (ref, size) => inTurn(ref, () => resize(hetzner, ref, size)),
    snapshot: (ref, name) => inTurn(ref, () => snapshot(hetzner, ref, name)),
    snapshots: ref => snapshots(hetzner, ref),
    restore: (ref, wanted) => inTurn(ref, () => restore(hetzner, ref, wanted)),
    removeSnapshot: (ref, wanted) => inTurn(ref, () => removeSnapshot(hetzner, ref, wanted)),
    rotateCredentials: ref => inTurn(ref, () => rotateCredentials(hetzner, ref)),
  }
}
