import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const sources = [
  'packages/*/src/**/*.ts',
  'packages/conductor/setup/*',
  'packages/node-runtime/patch*/**',
  'server/src/**/*',
  'packages/*/package.json',
  'server/package.json',
  'package.json',
  'package-lock.json',
]

/** One hash of everything that goes into a bundle. Tests do not. */
export function sourcesHash(root: string): string {
  const hash = createHash('sha256').update(process.version)
  const files = globSync(sources, { cwd: root, withFileTypes: true, exclude: entry => entry.name === 'node_modules' })
    .filter(entry => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map(entry => join(entry.parentPath, entry.name))
  for (const file of files.sort()) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}
