import { unlessGone } from '../shared/gone.ts'
import { pending, waited } from './action.ts'
import { resourceOf } from './droplet.ts'
import type { DigitalOcean } from './options.ts'
import { listSnapshots } from './snapshot.ts'
import { lookUp } from './status.ts'

/** Destroys the droplet, and before it its snapshots, which would outlive it. */
export async function terminate(cloud: DigitalOcean, ref: string): Promise<void> {
  const found = await lookUp(cloud, ref)
  if (!found || !resourceOf(found, cloud)) return
  const before = await pending(cloud, ref)
  if (before.some(({ type }) => type === 'destroy')) return
  // A snapshot in the making is not in the list yet, and an order that is refused counts against the account.
  await waited(cloud, async () => (await pending(cloud, ref)).length === 0)
  for (const { id } of await listSnapshots(cloud, found))
    await unlessGone(cloud.api.tell('DELETE', `/v2/snapshots/${id}`))
  await unlessGone(cloud.api.tell('DELETE', `/v2/droplets/${ref}`))
}
