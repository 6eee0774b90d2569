import * as z from 'zod/mini'
import { ProviderError, type Snapshot } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { everyPage } from '../shared/pages.ts'
import { nextOf, oneOf, pageOf } from './instance.ts'
import type { Contabo } from './options.ts'
import { ours } from './status.ts'

/** The description holds the name whole: Contabo's own names are short, and of few letters. */
const shape = z.object({ snapshotId: z.string(), description: z.nullish(z.string()) })
type Shown = z.infer<typeof shape>

/** Keeps the disk as it is now, under a name; the same name again answers what is there. Contabo drops it after 30 days. */
export async function snapshot(contabo: Contabo, ref: string, name: string): Promise<Snapshot> {
  await ours(contabo, ref)
  const before = (await listSnapshots(contabo, ref)).find(({ description }) => description === name)
  if (before) return snapshotOf(before)
  const body = { name: name.replace(/[^A-Za-z0-9 -]/g, '-').slice(0, 30), description: name }
  const made = await contabo.api.ask(oneOf(shape), 'POST', `/v1/compute/instances/${ref}/snapshots`, { body })
  return snapshotOf(made.data[0])
}

export async function snapshots(contabo: Contabo, ref: string): Promise<(Snapshot & { name: string })[]> {
  await ours(contabo, ref)
  return (await listSnapshots(contabo, ref)).map(one => ({ ...snapshotOf(one), name: one.description ?? '' }))
}

/** Puts the disk back. Contabo drops the snapshots that are younger than this one. */
export async function restore(contabo: Contabo, ref: string, wanted: string): Promise<void> {
  if (!(await snapshots(contabo, ref)).some(one => one.ref === wanted))
    throw new ProviderError('gone', 'Contabo no longer has this snapshot.')
  await contabo.api.tell('POST', `/v1/compute/instances/${ref}/snapshots/${wanted}/rollback`, { body: {} })
}

export async function removeSnapshot(contabo: Contabo, ref: string, wanted: string): Promise<void> {
  if (!(await snapshots(contabo, ref)).some(one => one.ref === wanted)) return
  await unlessGone(contabo.api.tell('DELETE', `/v1/compute/instances/${ref}/snapshots/${wanted}`))
}

export async function listSnapshots({ api }: Contabo, ref: string): Promise<Shown[]> {
  return everyPage(1, async page => {
    const query = { page, size: 100 }
    const answer = await api.ask(pageOf(shape), 'GET', `/v1/compute/instances/${ref}/snapshots`, { query })
    return { items: answer.data, next: nextOf(answer) }
  })
}

/** It is told of only once it is there. */
const snapshotOf = ({ snapshotId }: Shown): Snapshot => ({ ref: snapshotId, state: 'ready' })
