// For the tests beside it: a root folder with an outside that holds a secret, and links that try to lead there.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TestFolder {
  root: string
  outside: string
  /** Writes a file below the root, its folders made. */
  put(path: string, text: string | Buffer): void
  remove(): void
}

export const outsideSecret = 'the secret outside'

export function testFolder(): TestFolder {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'spoq-files-')))
  const root = join(base, 'root')
  // A check by the beginning of the path alone takes it for inside.
  const outside = join(base, 'root-outside')
  mkdirSync(root)
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret.txt'), outsideSecret)
  function put(path: string, text: string | Buffer) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return { root, outside, put, remove: () => rmSync(base, { recursive: true, force: true }) }
}
