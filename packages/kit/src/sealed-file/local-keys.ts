// Key-encryption keys in a file of this computer, one a version. It keeps secrets out of backups and copies of single
// files; who can read this file as well can open them.

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { decrypt, encrypt, keyBytes } from './aes-gcm.ts'
import { fromBase64 } from './base64.ts'
import { SealBroken } from './error.ts'
import type { KeyWrapper } from './key-wrapper.ts'
import { writePrivately } from './write-privately.ts'

export interface LocalKeys extends KeyWrapper {
  /** Makes a new version; the older ones go on opening what they wrapped. */
  rotate(): void
  /** Forgets all versions but the newest and those named. What they wrapped must have been wrapped anew before. */
  forgetOld(but?: readonly string[]): void
  /** All that are there, as `local:1`, the newest last. */
  versions(): string[]
}

const keyFile = z.strictObject({
  newest: z.number().check(z.int(), z.minimum(1)),
  keys: z.record(z.string(), z.string()),
})
type KeyFile = z.infer<typeof keyFile>

/**
 * The keys in a file, which is made at the first `wrap`. It is read at each use. One process at a time may write: whoever
 * holds the lock of the folder.
 * @param make false: only `rotate` makes the file, for whoever knows that there was one.
 */
export function localKeys(path: string, { make = true }: { make?: boolean } = {}): LocalKeys {
  async function wrap(dataKey: Buffer, aad: Buffer): Promise<string> {
    const file = read(path) ?? (make ? made(path, none) : gone(path))
    const sealed = encrypt(keyOf(file, String(file.newest)), dataKey, aad)
    return `local:${file.newest}:${sealed.toString('base64')}`
  }

  async function unwrap(wrapped: string, aad: Buffer): Promise<Buffer> {
    const [, version = '', sealed = ''] = /^local:([1-9]\d*):(\S+)$/.exec(wrapped) ?? []
    const file = read(path) ?? gone(path)
    return decrypt(keyOf(file, version), fromBase64(sealed), aad)
  }

  const rotate = () => void made(path, read(path) ?? none)

  function forgetOld(but: readonly string[] = []): void {
    const file = read(path)
    if (!file) return
    const kept = Object.entries(file.keys).filter(
      ([version]) => version === String(file.newest) || but.includes(`local:${version}`),
    )
    writePrivately(path, JSON.stringify({ newest: file.newest, keys: Object.fromEntries(kept) }))
  }

  function versions(): string[] {
    const numbers = Object.keys(read(path)?.keys ?? {}).map(Number)
    return numbers.sort((a, b) => a - b).map(version => `local:${version}`)
  }

  return { source: 'local', wrap, unwrap, rotate, forgetOld, versions }
}

const none: KeyFile = { newest: 0, keys: {} }

function gone(path: string): never {
  throw new SealBroken(`${path} is gone, and with it the key to what was sealed.`)
}

function made(path: string, { newest, keys }: KeyFile): KeyFile {
  const next = newest + 1
  const file = { newest: next, keys: { ...keys, [next]: randomBytes(keyBytes).toString('base64') } }
  writePrivately(path, JSON.stringify(file))
  return file
}

function keyOf({ keys }: KeyFile, version: string): Buffer {
  const key = Object.hasOwn(keys, version) ? keys[version] : undefined
  if (!key) throw new SealBroken('The key that this was sealed with is not here.')
  return fromBase64(key)
}

/** Null when there is none yet. A damaged one is never replaced: that would lose all that it opens. */
function read(path: string): KeyFile | null {
  try {
    return keyFile.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new SealBroken(`${path} does not hold keys.`, { cause })
  }
}
