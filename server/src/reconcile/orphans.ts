// Resources that carry the tag of no machine: left by a database that was put back, or by a fault of ours.

import { textOf } from '../log.ts'
import type { ReconcilePorts } from './ports.ts'
import type { Found } from './scan.ts'

/** Ends an orphan once it was seen at two looks that are at least this far apart. */
const graceMs = 60_000

/** A sweep that remembers since when it sees each orphan. Of several backends, one removes at a time. */
export function orphanSweep({ now, log, unlessLocked }: Pick<ReconcilePorts, 'now' | 'log' | 'unlessLocked'>) {
  let seenSince = new Map<string, number>()
  return async (orphans: Found['orphans']): Promise<void> => {
    const before = seenSince
    seenSince = new Map()
    const ripe = orphans.filter(({ provider, resource }) => {
      const key = `${provider.name} ${resource.ref}`
      const since = before.get(key) ?? now()
      seenSince.set(key, since)
      return now() - since >= graceMs
    })
    if (ripe.length > 0) await unlessLocked('orphans', () => remove(ripe))
  }

  async function remove(ripe: Found['orphans']): Promise<void> {
    for (const { provider, resource } of ripe) {
      log('warn', 'orphan.removed', { provider: provider.name, ref: resource.ref, machine: resource.machine })
      await provider
        .terminate(resource.ref)
        .catch(error => log('warn', 'orphan.stays', { ref: resource.ref, error: textOf(error) }))
    }
  }
}
