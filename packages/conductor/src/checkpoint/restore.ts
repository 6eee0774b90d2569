// Brings one file back to where it stood before a turn, if nobody else has changed it.

import type { Undone } from '@spoq/contracts/session'
import { FileRefused, fileState, removeFile, writeText } from '@spoq/kit/files'
import type { Contents } from './contents.ts'
import { hashOf } from './contents.ts'
import type { Step } from './store.ts'

type Restored = { change: Undone['done'][number]['change'] } | { reason: string }

/** @param steps the turn's edits of this file, in their order; at least one. */
export async function restore(
  workspace: string,
  path: string,
  steps: readonly Step[],
  contents: Contents,
): Promise<Restored> {
  const [first] = steps
  const last = steps.at(-1)
  if (!first || !last) throw new Error('a file without edits has nothing to restore')
  try {
    const found = await fileState(workspace, path)
    const now = found ? hashOf(found.bytes) : null
    if (now === first.before) return { change: 'unchanged' }
    if (now !== last.after && (last.written || now !== last.before)) return { reason: changedSince(now) }
    if (steps.some((step, index) => index > 0 && step.before !== steps[index - 1]?.after))
      return { reason: 'somebody else changed it between two edits of the turn' }
    if (first.before === null) {
      await removeFile(workspace, path)
      return { change: 'removed' }
    }
    const bytes = await contents.read(first.before)
    if (!bytes) return { reason: 'its old content is not kept any more' }
    await writeText(workspace, path, bytes, { mode: first.mode })
    return { change: 'restored' }
  } catch (error) {
    if (error instanceof FileRefused) return { reason: error.message }
    throw error
  }
}

const changedSince = (now: string | null) => (now === null ? 'it was removed since' : 'it was changed since')
