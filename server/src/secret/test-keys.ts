// For tests: a key service in a folder of its own, gone with the test file.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalKeys, localKeys } from '@spoq/kit/sealed-file'

export interface TestKeys {
  keys: LocalKeys
  file: string
  remove: () => void
}

export function testKeys(): TestKeys {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-keys-'))
  const file = join(folder, 'kek.json')
  return { keys: localKeys(file), file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
