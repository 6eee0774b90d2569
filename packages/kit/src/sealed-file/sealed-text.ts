// Secrets as text: for a file, a row, a message. Each has a random data key of its own, and that key is wrapped by a
// key-encryption key: a rotation wraps it anew and leaves the data as it is.

import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { decrypt, encrypt, keyBytes } from './aes-gcm.ts'
import { fromBase64 } from './base64.ts'
import { type Binding, bytesOf } from './binding.ts'
import { SealBroken } from './error.ts'
import { type KeyWrapper, versionOf } from './key-wrapper.ts'

/** A sealed text, one line of JSON with exactly these fields in this order. */
const sealedText = z.strictObject({ form: z.literal(1), key: z.string(), data: z.string() })
type Sealed = z.infer<typeof sealedText>

/** Seals a secret: it opens under this binding alone. */
export async function seal(secret: Buffer, binding: Binding, keys: KeyWrapper): Promise<string> {
  const aad = bytesOf(binding)
  const dataKey = randomBytes(keyBytes)
  const data = encrypt(dataKey, secret, aad).toString('base64')
  const key = await keys.wrap(dataKey, aad)
  dataKey.fill(0)
  return textOf({ form: 1, key, data })
}

/** What was sealed. @throws SealBroken when it does not open under this binding. */
export async function unseal(text: string, binding: Binding, keys: KeyWrapper): Promise<Buffer> {
  return (await opened(text, binding, keys)).secret
}

/** The same with its data key under the newest version; the data stays as it is, to the byte. @throws SealBroken */
export async function rewrap(text: string, binding: Binding, keys: KeyWrapper): Promise<string> {
  // Whatever cannot be opened now shall not look fresh afterwards.
  const { sealed, dataKey } = await opened(text, binding, keys)
  const key = await keys.wrap(dataKey, bytesOf(binding))
  dataKey.fill(0)
  return textOf({ ...sealed, key })
}

/** The version of the key-encryption key that a text needs: `local:1`, `vault:v3`. @throws SealBroken when it is none. */
export const sealedUnder = (text: string): string => versionOf(read(text).key)

async function opened(text: string, binding: Binding, keys: KeyWrapper) {
  const sealed = read(text)
  const aad = bytesOf(binding)
  const dataKey = await keys.unwrap(sealed.key, aad)
  return { sealed, dataKey, secret: decrypt(dataKey, fromBase64(sealed.data), aad) }
}

const textOf = ({ form, key, data }: Sealed) => JSON.stringify({ form, key, data })

function read(text: string): Sealed {
  const parsed = sealedText.safeParse(parse(text))
  // The same text and no other: a byte that JSON would forgive was changed by somebody.
  if (!parsed.success || textOf(parsed.data) !== text) throw new SealBroken('What is sealed here is damaged.')
  return parsed.data
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
