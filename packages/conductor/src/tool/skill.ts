// Opening a skill: the model is told the names alone, and asks for what it wants to follow.

import { FileRefused, filesBelow } from '@spoq/kit/files'
import * as z from 'zod/mini'
import { bodyOf, skillFolder, skillText } from '../skill/index.ts'
import { type Tool, tool } from './tool.ts'

const mostFiles = 100
const input = z.object({ name: z.string().check(z.regex(/^[a-z0-9-]{1,64}$/)) })

export const skillTool = (workspace: string): Tool =>
  tool({
    name: 'skill',
    description:
      'Opens a skill by its name: answers how to do what it is for, and lists the files that it comes with; `read` opens those.',
    input,
    title: ({ name }) => `skill: ${name}`,
    subject: ({ name }) => name,
    kind: 'text',
    does: 'look',
    run: async ({ name }) => {
      const body = bodyOf(await skillText(workspace, name).catch(missing(name)))
      const { paths, more } = await filesBelow(workspace, `${skillFolder}/${name}`, mostFiles)
      const files = paths.filter(path => !path.endsWith(`/${name}/SKILL.md`))
      if (files.length === 0) return body
      return [body, '', 'Its files:', ...files, ...(more ? ['[there are more: list them with glob]'] : [])].join('\n')
    },
  })

const missing = (name: string) => (error: Error) => {
  throw error.message.endsWith('does not exist') ? new FileRefused(`there is no skill ${name}`) : error
}
