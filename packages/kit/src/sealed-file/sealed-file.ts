// Secrets in files: each holds a sealed text and a line end.

import { readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Binding } from './binding.ts'
import { SealBroken } from './error.ts'
import type { KeyWrapper } from './key-wrapper.ts'
import { rewrap, seal, unseal } from './sealed-text.ts'
import { syncFolder, writePrivately } from './write-privately.ts'

/** Seals a secret into a file; what stood there is replaced in one. */
export async function writeSealed(path: string, secret: Buffer, binding: Binding, keys: KeyWrapper): Promise<void> {
  writePrivately(path, `${await seal(secret, binding, keys)}\n`)
}

/** The secret in a file; null when there is none. @throws SealBroken when it does not open under this binding. */
export async function readSealed(path: string, binding: Binding, keys: KeyWrapper): Promise<Buffer | null> {
  const sealed = read(path)
  return sealed === null ? null : unseal(sealed, binding, keys)
}

/** Wraps a file's data key under the newest version. The data stays as it is, to the byte. @throws SealBroken */
export async function rewrapSealed(path: string, binding: Binding, keys: KeyWrapper): Promise<void> {
  const sealed = read(path)
  if (sealed !== null) writePrivately(path, `${await rewrap(sealed, binding, keys)}\n`)
}

/** Removes a sealed file; harmless when there is none. */
export function removeSealed(path: string): void {
  rmSync(path, { force: true })
  syncFolder(dirname(path))
}

function read(path: string): string | null {
  try {
    const text = readFileSync(path, 'latin1')
    if (text.endsWith('\n')) return text.slice(0, -1)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  throw new SealBroken(`${path} is no sealed file, or damaged.`)
}
