// Whose turn it is to be made: a provider stands so many creates at the same time, and who asked first is made first. Of
// this backend's alone; what waits is not held, so that a machine which is to end meanwhile ends at once.

import type { ProviderName } from '@spoq/contracts/machine'
import type { MachineRow } from '../db/tables.ts'

export type Asking = Pick<MachineRow, 'id' | 'provider' | 'account_id' | 'created_at'>

export interface Turns {
  /** Null: it is this machine's turn, until it leaves. Else how many are before it; it is called when its turn comes. */
  take(asking: Asking, most: number | undefined): number | null
  /** It is made, or does not want to be any more. */
  leave(machine: string): void
}

interface Line {
  most: number
  /** Whose turn it is. */
  taken: Set<string>
  waiting: Map<string, Asking>
}

/** `call`: has a machine looked at whose turn has come. */
export function openTurns(call: (machine: string) => void): Turns {
  const lines = new Map<ProviderName, Line>()

  function lineOf(provider: ProviderName, most: number): Line {
    const line = lines.get(provider) ?? { most, taken: new Set(), waiting: new Map() }
    lines.set(provider, line)
    return line
  }

  /** Gives every turn that is free to those who wait. */
  function callNext(line: Line): void {
    for (const next of [...line.waiting.values()].sort(byAsking).slice(0, line.most - line.taken.size)) {
      line.waiting.delete(next.id)
      line.taken.add(next.id)
      call(next.id)
    }
  }

  return {
    take(asking, most) {
      if (most === undefined) return null
      const line = lineOf(asking.provider, most)
      if (line.taken.has(asking.id)) return null
      const before = [...line.waiting.values()].filter(other => byAsking(other, asking) < 0).length
      if (line.taken.size + before < most) {
        line.waiting.delete(asking.id)
        line.taken.add(asking.id)
        return null
      }
      line.waiting.set(asking.id, asking)
      return before
    },
    leave(machine) {
      for (const line of lines.values()) {
        line.waiting.delete(machine)
        if (line.taken.delete(machine)) callNext(line)
      }
    },
  }
}

/** A machine that somebody waits for is made before those that are made ahead. */
const byAsking = (a: Asking, b: Asking) =>
  Number(a.account_id === null) - Number(b.account_id === null) ||
  a.created_at.getTime() - b.created_at.getTime() ||
  (a.id < b.id ? -1 : Number(a.id > b.id))
