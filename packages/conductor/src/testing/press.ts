// A tool that asks before each use and can be counted.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { type Tool, tool } from '../tool/tool.ts'

/** The tool, and how often it ran; it counts in a file of the folder, so also over restarts. */
export function pressTool(folder: string): { press: Tool; presses: () => number } {
  const file = join(folder, 'pressed')
  writeFileSync(file, '')
  const press = tool({
    name: 'press',
    description: 'Presses a button.',
    input: z.object({ button: z.string() }),
    title: ({ button }) => `press: ${button}`,
    subject: ({ button }) => button,
    kind: 'text',
    does: 'run',
    run: async ({ button }) => {
      writeFileSync(file, '.', { flag: 'a' })
      return `pressed ${button}`
    },
  })
  return { press, presses: () => readFileSync(file, 'utf8').length }
}

/** A model that presses, and then says that it did. */
export const pressThenDone = [
  { pieces: ['Pressing.'], calls: [{ name: 'press', input: { button: 'A' } }] },
  { pieces: ['It is', ' pressed.'] },
]
