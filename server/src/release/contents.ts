// What a release is made of: Node itself, the command line, the Conductor and what sets a server up.

import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'

/** One entry of the archive, by its path there: a file of this computer, or a link. */
export type Entry = { path: string; file: string; executable: boolean } | { path: string; link: string }

export interface Contents {
  version: string
  /** In the order of their paths. */
  entries: Entry[]
}

/** Where the bundles stand, seen from our source and from our own bundle. */
export const productRoot = () =>
  join(import.meta.dirname, extname(import.meta.filename) === '.ts' ? '../../..' : '../..')

/** @throws SpoqError `release_missing` when the bundles were not built. */
export function contentsOf(root: string, node: string): Contents {
  const file = (path: string, from = path, executable = false): Entry => ({ path, file: join(root, from), executable })
  const bundle = (name: string, folder: string) =>
    partsOf(join(root, name)).map(part => file(`${folder}/${part}`, `${name}/${part}`, part.endsWith('.sh')))
  const entries: Entry[] = [
    { path: 'bin/node', file: node, executable: true },
    file('bin/run.js'),
    file('bin/package.json'),
    { path: 'bin/spoq', link: 'run.js' },
    { path: 'bin/sparebox', link: 'run.js' },
    file('package.json'),
    file('oclif.manifest.json'),
    ...bundle('packages/cli/dist', 'packages/cli/dist'),
    ...bundle('packages/conductor/dist', 'conductor'),
  ]
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return { version, entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)) }
}

/** Parts of earlier builds may lie beside those of the last. */
function partsOf(folder: string): string[] {
  const list = join(folder, 'parts.json')
  if (!existsSync(list)) throw new SpoqError('release_missing')
  return JSON.parse(readFileSync(list, 'utf8')) as string[]
}
