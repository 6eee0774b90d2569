import * as z from 'zod/mini'
import { ProviderError, type Snapshot } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { lookUntil, workTime } from '../shared/wait.ts'
import { machineOf } from './instance.ts'
import type { Vultr } from './options.ts'
import { meta, pages } from './pages.ts'
import { atRest, ours } from './status.ts'

const image = z.object({ id: z.string(), description: z.string(), status: z.string() })
type Image = z.infer<typeof image>

/** Keeps the disk as it is now, under a name; the same name again answers what is there. */
export async function snapshot(vultr: Vultr, ref: string, name: string): Promise<Snapshot> {
  const machine = await machineAt(vultr, ref)
  const description = prefixOf(vultr, machine) + name
  const before = (await listSnapshots(vultr, machine)).find(one => one.description === description)
  if (before) return snapshotOf(before)
  const body = { instance_id: ref, description }
  const made = await vultr.api.ask(z.object({ snapshot: image }), 'POST', '/snapshots', { body })
  return snapshotOf(made.snapshot)
}

export async function snapshots(vultr: Vultr, ref: string): Promise<(Snapshot & { name: string })[]> {
  const machine = await machineAt(vultr, ref)
  const prefix = prefixOf(vultr, machine)
  const images = await listSnapshots(vultr, machine)
  return images.map(one => ({ ...snapshotOf(one), name: one.description.slice(prefix.length) }))
}

/** Puts the disk back. */
export async function restore(vultr: Vultr, ref: string, wanted: string): Promise<void> {
  await atRest(vultr, ref)
  const known = await snapshots(vultr, ref)
  if (!known.some(one => one.ref === wanted)) throw new ProviderError('gone', 'Vultr no longer has this snapshot.')
  await vultr.api.tell('POST', `/instances/${ref}/restore`, { body: { snapshot_id: wanted } })
}

export async function removeSnapshot(vultr: Vultr, ref: string, wanted: string): Promise<void> {
  await atRest(vultr, ref)
  const known = await listSnapshots(vultr, await machineAt(vultr, ref))
  await removeEach(
    vultr,
    known.filter(({ id }) => id === wanted),
  )
}

/** Removes snapshots, each once it is no longer in the making. @throws ProviderError `retry` when that takes too long */
export async function removeEach(vultr: Vultr, images: readonly Image[]): Promise<void> {
  for (const { id } of images) {
    if (
      await lookUntil(
        workTime(vultr),
        () => isInTheMaking(vultr, id),
        isMaking => !isMaking,
      )
    )
      throw new ProviderError('retry', 'Vultr is still at work on a snapshot.')
    await unlessGone(vultr.api.tell('DELETE', `/snapshots/${id}`))
  }
}

async function isInTheMaking({ api }: Vultr, id: string): Promise<boolean> {
  const found = await unlessGone(api.ask(z.object({ snapshot: image }), 'GET', `/snapshots/${id}`))
  return found?.snapshot.status === 'pending'
}

/** A machine's snapshots that this Spoq made. Which instance one is of is said nowhere but in its description. */
export async function listSnapshots(vultr: Vultr, machine: string): Promise<Image[]> {
  const shape = z.object({ snapshots: z.array(image), meta })
  const all = await pages(vultr, '/snapshots', shape, answer => answer.snapshots)
  return all.filter(({ description }) => description.startsWith(prefixOf(vultr, machine)))
}

const machineAt = async (vultr: Vultr, ref: string) => String(machineOf((await ours(vultr, ref)).found))
const prefixOf = ({ installation }: Vultr, machine: string) => `spoq/${installation}/${machine}/`

function snapshotOf({ id, status }: Image): Snapshot {
  return { ref: id, state: status === 'complete' ? 'ready' : status === 'pending' ? 'creating' : 'failed' }
}
