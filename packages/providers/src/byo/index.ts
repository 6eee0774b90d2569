// The provider `byo`: a machine is a server that its owner brought, reached over SSH. It is the owner's before and after:
// what was there stays, and nothing but the Conductor is stopped or started.

import type { ProvisioningProvider } from '../provider.ts'
import { takingTurns, turnsOf } from '../shared/take-turns.ts'
import { abandon, leaves } from './abandon.ts'
import { create } from './create.ts'
import { find, list } from './list.ts'
import { type ByoOptions, open } from './options.ts'
import { resume } from './resume.ts'
import { status } from './status.ts'
import { suspend } from './suspend.ts'
import { terminate } from './terminate.ts'

export { markerOf, readMarker } from './marker.ts'
export type { ByoOptions, Connection, Connections } from './options.ts'
export { faultOf } from './server.ts'

export function byoProvider(options: ByoOptions): ProvisioningProvider {
  const byo = open(options)
  const turn = turnsOf(byo)
  const inTurn = takingTurns()
  return {
    name: 'byo',
    capabilities: {
      listLagMs: 0,
      deletes: 'now',
      billsWhileOff: true,
      hardware: 'own',
      setUp: 'ssh',
      abandons: true,
      workloads: ['general', 'torrent'],
    },
    create: spec => inTurn(spec.machine, () => create(byo, spec)),
    status: ref => status(byo, ref),
    suspend: turn(suspend),
    resume: turn(resume),
    terminate: turn(terminate),
    find: machine => find(byo, machine),
    list: () => list(byo),
    reach: ref => byo.connections.target(ref),
    leaves: ref => leaves(byo, ref),
    abandon: turn(abandon),
    rotateCredentials: turn((_, ref) => byo.connections.rotate(ref)),
  }
}
