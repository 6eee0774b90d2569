// Looking at the files of the workspace: read, glob, grep.

import { globInput, grepInput, readInput } from '@spoq/contracts/session'
import { glob, grep, readText, showFound, showListing, showText } from '@spoq/kit/files'
import { type Tool, tool } from './tool.ts'

export const readTool = (workspace: string): Tool =>
  tool({
    name: 'read',
    description:
      'Reads a text file of the workspace. Answers at most 64 KB at once; says which lines it shows when that is not all, so that you can read on with `from`.',
    input: readInput,
    title: ({ path }) => `read: ${path}`,
    subject: ({ path }) => path,
    kind: 'path',
    does: 'look',
    run: async ({ path, from, to }) => showText(await readText(workspace, path, { from, to, own: true })),
  })

export const globTool = (workspace: string): Tool =>
  tool({
    name: 'glob',
    description:
      'Lists files of the workspace by a pattern of their paths, such as `*`, `src/**/*.ts` or `**/*`. Leaves out .git, node_modules and what .gitignore names. Answers at most 200 paths.',
    input: globInput,
    title: ({ pattern }) => `glob: ${pattern}`,
    subject: ({ pattern }) => pattern,
    kind: 'text',
    does: 'look',
    run: async ({ pattern }, { signal }) => showListing(await glob(workspace, pattern, { own: true, signal })),
  })

export const grepTool = (workspace: string): Tool =>
  tool({
    name: 'grep',
    description:
      'Searches the text files of the workspace for lines that match a JavaScript regular expression, in all files or in those that `glob` names. Answers `path:line: text`, at most 100 lines.',
    input: grepInput,
    title: ({ pattern, glob }) => `grep: ${pattern}${glob === undefined ? '' : ` in ${glob}`}`,
    subject: ({ pattern }) => pattern,
    kind: 'text',
    does: 'look',
    run: async ({ pattern, glob }, { signal }) =>
      showFound(await grep(workspace, pattern, { glob, own: true, signal })),
  })
