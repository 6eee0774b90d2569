// ssh2 as it is published, and as it is patched: copies of what is installed, each loaded by itself.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { libraryOf, type SshLibrary } from '@spoq/kit/ssh-relay'
import { patched, readPatches, unpatched } from '../build/patched.ts'

const packages = resolve(import.meta.dirname, '../../../../node_modules')

/** One of the two. */
export function sshLibrary(kind: 'published' | 'patched'): SshLibrary {
  const cache = join(packages, '.cache/spoq-ssh')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, `${kind}-`))
  cpSync(join(packages, 'ssh2'), join(folder, 'ssh2'), { recursive: true })
  for (const [name, hunks] of readPatches()) {
    const path = join(folder, name)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, kind === 'patched' ? patched(text, hunks) : unpatched(text, hunks))
  }
  const load = createRequire(join(folder, 'ssh2/package.json'))
  const { SUPPORTED_KEX } = load('./lib/protocol/constants.js')
  const { parseKey } = load('./lib/protocol/keyParser.js')
  const { KexInit } = load('./lib/protocol/kex.js')
  const library = libraryOf({ Protocol: load('./lib/protocol/Protocol.js'), KexInit, kex: SUPPORTED_KEX, parseKey })
  // All of it is loaded by then.
  rmSync(folder, { recursive: true })
  return library
}
