import { type MachineSpec, ProviderError, type Resource } from '../provider.ts'
import { takingTurns } from './take-turns.ts'

export interface CreateOnce {
  find: (machine: string) => Promise<Resource[]>
  /** What was ordered for the machine a moment ago; null when it is over. */
  look: (ref: string, machine: string) => Promise<Resource | null>
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
  const { find, look, resume, order, listLagMs, now } = parts
  const inTurn = takingTurns()
  /** What was ordered of late; null where no answer came. */
  const recent = new Map<string, { ref: string | null; until: number }>()

  async function there(machine: string): Promise<Resource | null> {
    const found = (await find(machine)).find(isThere)
    const mine = recent.get(machine)
    if (found || !mine) return found ?? null
    if (mine.ref !== null) {
      const made = await look(mine.ref, machine)
      return made && isThere(made) ? made : null
    }
    const retryAfterMs = mine.until - now()
    throw new ProviderError('retry', 'It may have been ordered a moment ago; the list has to show it first.', {
      retryAfterMs,
    })
  }

  async function ordered(spec: MachineSpec): Promise<Resource> {
    const remember = (ref: string | null) => recent.set(spec.machine, { ref, until: now() + listLagMs })
    try {
      const made = await order(spec)
      remember(made.ref)
      return made
    } catch (error) {
      if (!(error instanceof ProviderError && error.undone)) remember(null)
      throw error
    }
  }

  return spec =>
    inTurn(spec.machine, async () => {
      for (const [machine, { until }] of recent) if (until <= now()) recent.delete(machine)
      const found = await there(spec.machine)
      if (!found) return ordered(spec)
      if (found.state !== 'stopped') return found
      await resume(found.ref)
      return { ...found, state: 'creating' }
    })
}

/** What was cancelled is over, however long it still lives. */
const isThere = ({ state }: Resource) => state !== 'ending'
