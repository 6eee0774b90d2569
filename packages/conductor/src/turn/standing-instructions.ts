// When a turn reads its standing instructions: at its start, and before a step that comes after a new folder was touched.

import type { AskClient } from './client-requests.ts'
import type { TurnEvent } from './event.ts'
import { foldersTouched, readAtStart, readMore } from './read-instructions.ts'
import { type ReadBody, toldIn } from './told.ts'
import type { Workshop } from './workshop.ts'

/** A computer that is there answers sooner; a turn does not wait long for one that is not. */
const clientPatienceMs = 5000

interface Place {
  /** Of the session, growing. */
  events: readonly TurnEvent[]
  turn: string
  client: (mostMs: number) => AskClient | null
  signal: AbortSignal
}

export interface StandingInstructions {
  /** What holds from the start; nothing when there is nothing. @throws the signal's reason. */
  atStart(): Promise<ReadBody[]>
  /** What folders that were touched since add to it; null when they add nothing. */
  since(): Promise<ReadBody | null>
}

export function standingInstructions(
  { workspace, machineTools }: Workshop,
  { events, turn, client, signal }: Place,
): StandingInstructions {
  const looked = new Set<string>()

  function unlooked(of: readonly TurnEvent[]): string[] {
    const folders = foldersTouched(of, machineTools).filter(folder => !looked.has(folder))
    for (const folder of folders) looked.add(folder)
    return folders
  }

  async function atStart(): Promise<ReadBody[]> {
    const read = await readAtStart(workspace, unlooked(events), client(clientPatienceMs))
    signal.throwIfAborted()
    return read ? [read] : []
  }

  async function since(): Promise<ReadBody | null> {
    const had = toldIn(events, turn).files
    const isHad = (folder: string) => had.some(({ from, path }) => from === 'machine' && path === `${folder}/AGENTS.md`)
    const folders = unlooked(events.filter(event => event.turn === turn)).filter(folder => !isHad(folder))
    return folders.length === 0 ? null : readMore(workspace, folders, had)
  }

  return { atStart, since }
}
