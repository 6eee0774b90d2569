// Changing a file of the workspace: one text for another, or a new file.

import { editedText, FileRefused, fileState, writeText } from '@spoq/kit/files'
import * as z from 'zod/mini'
import { type Checkpoints, type Edit, stateOf } from '../checkpoint/index.ts'
import { unifiedDiff } from './diff.ts'
import { tidyPath, topFolder } from './path.ts'
import { type Tool, type ToolContext, tool } from './tool.ts'

const input = z.object({
  path: z.string().check(z.describe('Below the workspace, with slashes')),
  old: z.string().check(z.describe('The text to replace, exactly as it stands in the file; empty to create the file')),
  new: z.string().check(z.describe('What takes its place')),
})
type Call = z.infer<typeof input>

export function editTool(workspace: string, checkpoints: Checkpoints): Tool {
  return tool({
    name: 'edit',
    description:
      'Changes a text file of the workspace: puts `new` in the place of `old`, which must stand in the file exactly once, spaces and line ends included. With an empty `old` it creates the file, and its folders, holding `new`; a file that exists is not overwritten.',
    input,
    title: ({ path, old }) => `${old === '' ? 'create' : 'edit'}: ${path}`,
    subject: ({ path }) => path,
    kind: 'path',
    does: 'edit',
    folder: ({ path }) => topFolder(path),
    preview: async call => {
      const { before, after } = await planned(workspace, call)
      const diff = unifiedDiff(call.path, before ? before.bytes.toString() : null, after)
      return { diff, base: stateOf(before) ?? '' }
    },
    // A model may ask for two edits of one file at once; the second must see what the first did.
    run: (call, context) => checkpoints.alone(() => edit(workspace, checkpoints, call, context)),
  })
}

async function edit(
  workspace: string,
  checkpoints: Checkpoints,
  given: Call,
  { origin: { session, turn }, base }: ToolContext,
): Promise<string> {
  const call = { ...given, path: tidyPath(given.path) }
  if (base !== undefined && base !== (stateOf(await fileState(workspace, call.path)) ?? ''))
    throw new FileRefused(
      `${call.path} was changed after the approval was asked for: nothing was written, read it again`,
    )
  const { before, after } = await planned(workspace, call)
  const change = { session, turn, path: call.path, before, after }
  await checkpoints.around(change, () => writeText(workspace, call.path, after, { create: before === null }))
  return `${before ? 'changed' : 'created'} ${call.path}`
}

/** What the edit makes of what is there. @throws FileRefused when it cannot be done. */
async function planned(workspace: string, { path, old, new: fresh }: Call): Promise<Pick<Edit, 'before' | 'after'>> {
  const before = await fileState(workspace, path)
  if (old === '') {
    if (before) throw new FileRefused(`${path} exists already`)
    return { before, after: fresh }
  }
  if (!before) throw new FileRefused(`${path} does not exist`)
  return { before, after: editedText(before.bytes, path, old, fresh) }
}
