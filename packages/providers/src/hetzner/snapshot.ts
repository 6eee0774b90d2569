import * as z from 'zod/mini'
import { ProviderError, type Snapshot } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { everyPage } from '../shared/pages.ts'
import type { Hetzner } from './options.ts'
import { labels, meta } from './server.ts'
import { ours } from './status.ts'

const image = z.object({ id: z.number(), status: z.string(), labels: z.record(z.string(), z.string()) })
type Image = z.infer<typeof image>

/** Keeps the disk as it is now, under a name; the same name again answers what is there. */
export async function snapshot(hetzner: Hetzner, ref: string, name: string): Promise<Snapshot> {
  const { labels: has } = await ours(hetzner, ref)
  const machine = String(has[labels.machine])
  const before = (await listImages(hetzner, machine)).find(one => one.labels[labels.snapshot] === name)
  if (before) return snapshotOf(before)
  const body = {
    type: 'snapshot',
    labels: { [labels.machine]: machine, [labels.installation]: hetzner.installation, [labels.snapshot]: name },
  }
  const made = await hetzner.api.ask(z.object({ image }), 'POST', `/servers/${ref}/actions/create_image`, { body })
  return snapshotOf(made.image)
}

export async function snapshots(hetzner: Hetzner, ref: string): Promise<(Snapshot & { name: string })[]> {
  const { labels: has } = await ours(hetzner, ref)
  const images = await listImages(hetzner, String(has[labels.machine]))
  return images.map(one => ({ ...snapshotOf(one), name: String(one.labels[labels.snapshot]) }))
}

/** Puts the disk back. */
export async function restore(hetzner: Hetzner, ref: string, wanted: string): Promise<void> {
  const known = await snapshots(hetzner, ref)
  if (!known.some(one => one.ref === wanted)) throw new ProviderError('gone', 'Hetzner no longer has this snapshot.')
  await hetzner.api.tell('POST', `/servers/${ref}/actions/rebuild`, { body: { image: wanted } })
}

export async function removeSnapshot(hetzner: Hetzner, ref: string, wanted: string): Promise<void> {
  const known = await snapshots(hetzner, ref)
  if (known.some(one => one.ref === wanted)) await unlessGone(hetzner.api.tell('DELETE', `/images/${wanted}`))
}

export async function listImages(hetzner: Hetzner, machine: string): Promise<Image[]> {
  const label_selector = `${labels.installation}=${hetzner.installation},${labels.machine}=${machine}`
  return everyPage(1, async page => {
    const query = { label_selector, type: 'snapshot', page, per_page: 50 }
    const answer = await hetzner.api.ask(z.object({ images: z.array(image), meta }), 'GET', '/images', { query })
    return { items: answer.images, next: answer.meta.pagination.next_page }
  })
}

function snapshotOf({ id, status }: Image): Snapshot {
  const state = status === 'available' ? 'ready' : status === 'creating' ? 'creating' : 'failed'
  return { ref: String(id), state }
}
