import * as z from 'zod/mini'
import { ProviderError, type Snapshot } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { act, actToTheEnd, atRest } from './action.ts'
import { type Droplet, machineOf } from './droplet.ts'
import type { DigitalOcean } from './options.ts'
import { links, pages } from './pages.ts'
import { ours } from './status.ts'

const image = z.object({ id: z.number(), name: z.string() })
type Image = z.infer<typeof image>

/**
 * Keeps the disk as it is now, under a name; the same name again answers what is there. Its reference is its name: the
 * one that DigitalOcean gives it is not known before it is done.
 */
export async function snapshot(cloud: DigitalOcean, ref: string, name: string): Promise<Snapshot> {
  const found = await atRest(cloud, ref)
  if ((await named(cloud, found, name)).length > 0) return { ref: name, state: 'ready' }
  await act(cloud, ref, { type: 'snapshot', name: prefixOf(cloud, found) + name })
  return { ref: name, state: 'creating' }
}

/** Those that are done. */
export async function snapshots(cloud: DigitalOcean, ref: string): Promise<(Snapshot & { name: string })[]> {
  const found = await ours(cloud, ref)
  const prefix = prefixOf(cloud, found)
  return (await listSnapshots(cloud, found)).map(one => {
    const name = one.name.slice(prefix.length)
    return { ref: name, name, state: 'ready' }
  })
}

/** Puts the disk back. `restore` itself would take backups only. */
export async function restore(cloud: DigitalOcean, ref: string, wanted: string): Promise<void> {
  const [first] = await named(cloud, await atRest(cloud, ref), wanted)
  if (!first) throw new ProviderError('gone', 'DigitalOcean no longer has this snapshot.')
  await actToTheEnd(cloud, ref, { type: 'rebuild', image: first.id })
}

export async function removeSnapshot(cloud: DigitalOcean, ref: string, wanted: string): Promise<void> {
  for (const { id } of await named(cloud, await atRest(cloud, ref), wanted))
    await unlessGone(cloud.api.tell('DELETE', `/v2/snapshots/${id}`))
}

/** A droplet's snapshots that this Spoq made; those that a person made at DigitalOcean stay theirs. */
export async function listSnapshots(cloud: DigitalOcean, found: Droplet): Promise<Image[]> {
  const shape = z.object({ snapshots: z.array(image), links })
  const all = await pages(cloud, `/v2/droplets/${found.id}/snapshots`, shape, answer => answer.snapshots)
  return all.filter(one => one.name.startsWith(prefixOf(cloud, found)))
}

async function named(cloud: DigitalOcean, found: Droplet, name: string): Promise<Image[]> {
  return (await listSnapshots(cloud, found)).filter(one => one.name === prefixOf(cloud, found) + name)
}

/** Snapshots have no tags when they are made: all is in the name. */
const prefixOf = ({ installation }: DigitalOcean, found: Droplet) => `spoq/${installation}/${machineOf(found)}/`
