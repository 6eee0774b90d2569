import { unlessGone } from '../shared/gone.ts'
import type { Hetzner } from './options.ts'
import { labels, resourceOf } from './server.ts'
import { listImages } from './snapshot.ts'
import { lookUp } from './status.ts'

/** Deletes the server, and before it its snapshots, which would outlive it. */
export async function terminate(hetzner: Hetzner, ref: string): Promise<void> {
  const found = await lookUp(hetzner, ref)
  if (!found || found.status === 'deleting' || !resourceOf(found, hetzner)) return
  for (const { id } of await listImages(hetzner, String(found.labels[labels.machine])))
    await unlessGone(hetzner.api.tell('DELETE', `/images/${id}`))
  await unlessGone(hetzner.api.tell('DELETE', `/servers/${ref}`))
}
