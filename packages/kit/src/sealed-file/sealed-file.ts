// Secrets at rest. Each has a random data key of its own, and that key is wrapped by a key-encryption key: a rotation
// wraps it anew and leaves the data as it is.

import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod/mini'
import { decrypt, encrypt, keyBytes } from './aes-gcm.ts'
import { fromBase64 } from './base64.ts'
import { type Binding, bytesOf } from './binding.ts'
import { SealBroken } from './error.ts'
import type { KeyWrapper } from './key-wrapper.ts'
import { syncFolder, writePrivately } from './write-privately.ts'

/** A sealed file, one line of JSON with exactly these fields in this order. */
const sealedFile = z.strictObject({ form: z.literal(1), key: z.string(), data: z.string() })
type SealedFile = z.infer<typeof sealedFile>

/** Seals a secret into a file; what stood there is replaced in one. */
export async function writeSealed(path: string, secret: Buffer, binding: Binding, keys: KeyWrapper): Promise<void> {
  const aad = bytesOf(binding)
  const dataKey = randomBytes(keyBytes)
  const data = encrypt(dataKey, secret, aad).toString('base64')
  const key = await keys.wrap(dataKey, aad)
  dataKey.fill(0)
  write(path, { form: 1, key, data })
}

/** The secret in a file; null when there is none. @throws SealBroken when it does not open under this binding. */
export async function readSealed(path: string, binding: Binding, keys: KeyWrapper): Promise<Buffer | null> {
  const sealed = read(path)
  if (!sealed) return null
  const aad = bytesOf(binding)
  const dataKey = await keys.unwrap(sealed.key, aad)
  return decrypt(dataKey, fromBase64(sealed.data), aad)
}

/** Wraps a file's data key under the newest version. The data stays as it is, to the byte. @throws SealBroken */
export async function rewrapSealed(path: string, binding: Binding, keys: KeyWrapper): Promise<void> {
  const sealed = read(path)
  if (!sealed) return
  const aad = bytesOf(binding)
  const dataKey = await keys.unwrap(sealed.key, aad)
  // Whatever cannot be opened now shall not look fresh afterwards.
  decrypt(dataKey, fromBase64(sealed.data), aad)
  write(path, { ...sealed, key: await keys.wrap(dataKey, aad) })
}

/** Removes a sealed file; harmless when there is none. */
export function removeSealed(path: string): void {
  rmSync(path, { force: true })
  syncFolder(dirname(path))
}

const write = (path: string, sealed: SealedFile) => writePrivately(path, textOf(sealed))
const textOf = ({ form, key, data }: SealedFile) => `${JSON.stringify({ form, key, data })}\n`

function read(path: string): SealedFile | null {
  const text = readText(path)
  if (text === null) return null
  const parsed = sealedFile.safeParse(parse(text))
  // The same text and no other: a byte that JSON would forgive was changed by somebody.
  if (!parsed.success || textOf(parsed.data) !== text) throw new SealBroken(`${path} is no sealed file, or damaged.`)
  return parsed.data
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
