// The files of this computer that the agent may look at: below the folder the question was asked in, read-only, nothing
// that is ignored or secret.

import { type ClientTool, globInput, grepInput, readInput } from '@spoq/contracts/session'
import type { ClientFiles } from './client-request.ts'

/** Answers `read`, `glob` and `grep` in a directory. What it throws says nothing about the rest of this computer. */
export function laptopFiles(directory: string): ClientFiles {
  return async (tool, input) => {
    const files = await import('@spoq/kit/files')
    try {
      return await look(files, directory, tool, input)
    } catch (error) {
      if (error instanceof files.FileRefused) throw error
      throw new Error('This computer could not do that.', { cause: error })
    }
  }
}

async function look(
  { glob, grep, readText, showFound, showListing, showText }: typeof import('@spoq/kit/files'),
  directory: string,
  tool: ClientTool,
  input: unknown,
): Promise<string> {
  switch (tool) {
    case 'read': {
      const { path, from, to } = readInput.parse(input)
      return showText(await readText(directory, path, { from, to }))
    }
    case 'glob':
      return showListing(await glob(directory, globInput.parse(input).pattern))
    case 'grep': {
      const { pattern, glob: within } = grepInput.parse(input)
      return showFound(await grep(directory, pattern, { glob: within }))
    }
  }
}
