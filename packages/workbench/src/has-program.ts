import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Whether this computer has a program by that name. */
export const hasProgram = (name: string): boolean =>
  String(process.env.PATH)
    .split(delimiter)
    .some(folder => existsSync(join(folder, name)))
