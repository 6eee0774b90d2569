import { ProviderError } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { imageId } from './image.ts'
import { type Instance, isEmpty, wipedName } from './instance.ts'
import type { Contabo } from './options.ts'
import { listSnapshots } from './snapshot.ts'
import { powersItselfOff } from './user-data.ts'

/** Removes its snapshots and its files, and says so in its name: what is left is a bare system that powers itself off. */
export async function wipe(contabo: Contabo, found: Instance, machine: string): Promise<void> {
  const { api } = contabo
  const path = `/v1/compute/instances/${found.instanceId}`
  if (isInstalling(found))
    throw new ProviderError('retry', 'Contabo is still installing it: it is wiped after that.', { undone: true })
  if (!isEmpty(found)) {
    for (const { snapshotId } of await listSnapshots(contabo, String(found.instanceId)))
      await unlessGone(api.tell('DELETE', `${path}/snapshots/${snapshotId}`))
    await api.tell('PUT', path, { body: { imageId: await imageId(contabo), userData: powersItselfOff } })
  }
  await api.tell('PATCH', path, { body: { displayName: wipedName(machine, contabo) } })
}

const isInstalling = ({ status }: Instance) => ['provisioning', 'installing', 'reset_password'].includes(status)
