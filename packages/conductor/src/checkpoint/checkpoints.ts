// Before an agent's edit the old content is kept, so that a turn's edits can be taken back: outside of the workspace, where
// no tool reaches it.

import type { Undone } from '@spoq/contracts/session'
import type { FileState } from '@spoq/kit/files'
import type { Database } from '../log/index.ts'
import { contentsIn, hashOf } from './contents.ts'
import { restore } from './restore.ts'
import { checkpointStore } from './store.ts'

/** An edit of one file: from the state that was read to the text that shall stand there. */
export interface Edit {
  session: string
  turn: string
  path: string
  before: FileState | null
  after: string
}

export interface Checkpoints {
  /** Does work on the workspace's files alone: no other edit, and no undo, comes in between. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Keeps what stands in a file, then lets it be written. What then fails is forgotten. */
  around(edit: Edit, write: () => Promise<void>): Promise<void>
  /** The last turn of a session that edited something. */
  lastTurn(session: string): string | null
  /** Forgets all edits of a session, with what was kept for them. Harmless to repeat, also after a crash in the middle. */
  forget(session: string): Promise<void>
  /** Takes a turn's edits back, file by file; null when it has none. Harmless to repeat, also after a crash in the middle. */
  undo(session: string, turn: string): Promise<Undone | null>
}

interface Options {
  /** Where old contents are kept. */
  folder: string
  workspace: string
  /** Most bytes of old contents; those of the oldest turns go first. */
  most?: number
}

/** One name for what stands in a file, or for nothing. */
export const stateOf = (found: FileState | null): string | null => (found ? hashOf(found.bytes) : null)

export function checkpoints(database: Database, { folder, workspace, most = 256 << 20 }: Options): Checkpoints {
  const contents = contentsIn(folder)
  const store = checkpointStore(database)
  const alone = oneAfterTheOther()

  async function around({ session, turn, path, before, after }: Edit, write: () => Promise<void>): Promise<void> {
    if (before) await contents.keep(before.bytes)
    const seq = store.add({
      session,
      turn,
      path,
      before: stateOf(before),
      after: hashOf(Buffer.from(after)),
      mode: before?.mode ?? 0o644,
      bytes: before?.bytes.length ?? 0,
    })
    try {
      await write()
    } catch (error) {
      store.remove(seq)
      throw error
    }
    store.written(seq)
    for (const hash of store.shrink(most, turn)) await contents.drop(hash)
  }

  async function undo(session: string, turn: string): Promise<Undone | null> {
    const edits = Map.groupBy(store.ofTurn(session, turn), ({ path }) => path)
    if (edits.size === 0) return null
    const undone: Undone = { done: [], skipped: [] }
    for (const [path, steps] of edits) {
      const result = await restore(workspace, path, steps, contents)
      if ('change' in result) undone.done.push({ path, change: result.change })
      else undone.skipped.push({ path, reason: result.reason })
    }
    return undone
  }

  /** The contents first: as long as rows name them, whoever was interrupted finds what is left. */
  async function forget(session: string): Promise<void> {
    for (const hash of store.ownedBy(session)) await contents.drop(hash)
    store.forget(session)
  }

  return {
    alone,
    around,
    forget: session => alone(() => forget(session)),
    lastTurn: store.lastTurn,
    undo: (session, turn) => alone(() => undo(session, turn)),
  }
}

function oneAfterTheOther() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
}
