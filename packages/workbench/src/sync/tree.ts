// What stands below a folder, to the last byte: for "nothing was touched" and "both sides are the same".

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Each path below a folder with its kind, mode and content. @param leaveOut paths that are not looked at */
export function treeOf(folder: string, leaveOut: (path: string) => boolean = () => false): Record<string, string> {
  const found: Record<string, string> = {}
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (leaveOut(path)) continue
    const at = join(folder, path)
    const stats = lstatSync(at)
    const content = stats.isSymbolicLink()
      ? `-> ${readlinkSync(at)}`
      : stats.isFile()
        ? readFileSync(at, 'base64')
        : '/'
    found[path] = `${(stats.mode & 0o777).toString(8)} ${content}`
  }
  return found
}
