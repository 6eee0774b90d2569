import type { MachineSpec, Resource } from '../provider.ts'
import { takingTurns } from './take-turns.ts'

export interface CreateOnce {
  find: (machine: string) => Promise<Resource[]>
  look: (ref: string) => Promise<Resource | null>
  resume: (ref: string) => Promise<void>
  /** Orders a new one. */
  order: (spec: MachineSpec) => Promise<Resource>
  listLagMs: number
  now: () => number
}

/**
 * A `create` for providers where nothing keeps two servers from being ordered for one machine: what carries its tag is
 * taken over, creates for one machine take turns, and what this process ordered is known while the list may not show it.
 */
export function creatingOnce(parts: CreateOnce): (spec: MachineSpec) => Promise<Resource> {
  const inTurn = takingTurns()
  const ordered = new Map<string, { ref: string; until: number }>()

  async function there(machine: string): Promise<Resource | null> {
    const found = (await parts.find(machine)).find(({ state }) => state !== 'ending')
    const mine = ordered.get(machine)
    return found ?? (mine ? parts.look(mine.ref) : null)
  }

  return spec =>
    inTurn(spec.machine, async () => {
      for (const [machine, { until }] of ordered) if (until <= parts.now()) ordered.delete(machine)
      const found = await there(spec.machine)
      if (found?.state === 'stopped') {
        await parts.resume(found.ref)
        return { ...found, state: 'creating' }
      }
      if (found) return found
      const made = await parts.order(spec)
      ordered.set(spec.machine, { ref: made.ref, until: parts.now() + parts.listLagMs })
      return made
    })
}
