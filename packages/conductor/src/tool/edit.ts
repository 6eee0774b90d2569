// Changing a file of the workspace: one text for another, or a new file.

import { editText, writeText } from '@spoq/kit/files'
import * as z from 'zod/mini'
import { type Tool, tool } from './tool.ts'

const input = z.object({
  path: z.string().check(z.describe('Below the workspace, with slashes')),
  old: z.string().check(z.describe('The text to replace, exactly as it stands in the file; empty to create the file')),
  new: z.string().check(z.describe('What takes its place')),
})

export function editTool(workspace: string): Tool {
  const inTurn = oneAfterTheOther()
  return tool({
    name: 'edit',
    description:
      'Changes a text file of the workspace: puts `new` in the place of `old`, which must stand in the file exactly once, spaces and line ends included. With an empty `old` it creates the file, and its folders, holding `new`; a file that exists is not overwritten.',
    input,
    title: ({ path, old }) => `${old === '' ? 'create' : 'edit'}: ${path}`,
    subject: ({ path }) => path,
    needs: () => 'nothing',
    run: call => inTurn(() => (call.old === '' ? create(workspace, call) : change(workspace, call))),
  })
}

async function create(workspace: string, call: z.infer<typeof input>): Promise<string> {
  await writeText(workspace, call.path, call.new, { create: true })
  return `created ${call.path}`
}

async function change(workspace: string, call: z.infer<typeof input>): Promise<string> {
  await editText(workspace, call.path, call.old, call.new)
  return `changed ${call.path}`
}

/** A model may ask for two edits of one file at once; the second must see what the first did. */
function oneAfterTheOther() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
}
