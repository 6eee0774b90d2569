// Makes what ships: oclif.manifest.json, and a bundle each of the command line, the Conductor and the backend.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundles } from './bundles.ts'
import { manifestText } from './manifest.ts'
import { patiently } from './patiently.ts'
import { sourcesHash } from './stamp.ts'

interface Options {
  /** Also when no source has changed. */
  force?: boolean
  say?: (line: string) => void
}

/** Builds everything that is older than its sources. Two at once: the second waits, and finds it done. */
export async function build(root: string, { force = false, say = () => {} }: Options = {}): Promise<void> {
  const cache = join(root, 'node_modules/.cache/spoq-build')
  const stamp = join(cache, 'stamp')
  const lock = await patiently(cache)
  try {
    const hash = sourcesHash(root)
    if (!force && isCurrent(root, stamp, hash)) return
    say('Building …')
    rmSync(stamp, { force: true })
    const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    writeIfChanged(join(root, 'oclif.manifest.json'), await manifestText(pjson, root))
    for (const bundle of bundles) await bundle.make(root)
    writeFileSync(stamp, hash)
  } finally {
    lock.release()
  }
}

function isCurrent(root: string, stamp: string, hash: string): boolean {
  const built = bundles.every(({ entry }) => existsSync(join(root, entry)))
  return built && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
}

function writeIfChanged(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
}
