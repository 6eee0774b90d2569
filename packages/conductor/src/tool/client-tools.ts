// The tools that read the files of the computer that asked. Its CLI does the work, confined to its working directory; the
// turn has them only when the question offered that.

import { SpoqError } from '@spoq/contracts/problem'
import { type ClientTool, globInput, grepInput, readInput } from '@spoq/contracts/session'
import type * as z from 'zod/mini'
import { type Tool, tool } from './tool.ts'

export const clientTools: Tool[] = [
  clientTool({
    of: 'read',
    description:
      "Reads a text file of the person's own computer, below the directory they ask from. Answers at most 64 KB at once; says which lines it shows when that is not all. Ignored files and those that hold secrets are kept back.",
    input: readInput,
    subject: ({ path }) => path,
  }),
  clientTool({
    of: 'glob',
    description:
      "Lists files of the person's own computer, below the directory they ask from, by a pattern of their paths, such as `*`, `src/**/*.ts` or `**/*`. Answers at most 200 paths.",
    input: globInput,
    subject: ({ pattern }) => pattern,
  }),
  clientTool({
    of: 'grep',
    description:
      "Searches the text files of the person's own computer, below the directory they ask from, for lines that match a JavaScript regular expression. Answers `path:line: text`, at most 100 lines.",
    input: grepInput,
    subject: ({ pattern }) => pattern,
  }),
]

interface Definition<Input extends z.ZodMiniType> {
  of: ClientTool
  description: string
  input: Input
  subject(input: z.output<Input>): string
}

function clientTool<Input extends z.ZodMiniType>({ of, description, input, subject }: Definition<Input>): Tool {
  return tool({
    name: `client_${of}`,
    description,
    input,
    subject,
    title: call => `${of} on your computer: ${subject(call)}`,
    kind: 'text',
    does: 'look',
    run: async (call, { client }) => {
      if (!client) throw new SpoqError('client_away')
      return client(of, call)
    },
  })
}
