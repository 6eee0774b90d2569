import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { listSnapshots, type Snapshot } from '@spoq/contracts/snapshot'

/** The newest snapshot of a machine that is called so, or has this id. @throws SpoqError `snapshot_not_found`. */
export async function findSnapshot(backend: Target, machine: string, asked: string): Promise<Snapshot> {
  const { snapshots } = await call(backend, listSnapshots, { params: { machine } })
  const found = snapshots.find(({ id, name }) => id === asked || name === asked)
  if (!found) throw new SpoqError('snapshot_not_found', { message: `There is no snapshot ${asked}.` })
  return found
}
