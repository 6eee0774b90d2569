import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { folders } from '../../data-dir.ts'
import { type Check, fail, ok } from '../check.ts'

/** The folder can be written, and what is secret in it is open to nobody else. */
export const dataFolder: Check = {
  id: 'data folder',
  run: ({ context: { dataDir } }) => {
    const cli = folders.cli(dataDir)
    const nearest = nearestThere(cli)
    try {
      accessSync(nearest, constants.W_OK | constants.X_OK)
    } catch {
      return fail(`${nearest} cannot be written`, `Correct its permissions: chmod u+rwx '${nearest}'`)
    }
    if (!existsSync(cli)) return ok(`${dataDir}, empty`)
    const mode = statSync(cli).mode & 0o777
    if ((mode & 0o077) === 0 || process.platform === 'win32') return ok(dataDir)
    return fail(`${cli} is open to others (${mode.toString(8)})`, `Close it: chmod 700 '${cli}'`)
  },
}

const nearestThere = (path: string): string => (existsSync(path) ? path : nearestThere(dirname(path)))
