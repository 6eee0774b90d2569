import { SealBroken } from './error.ts'

/** Reads base64 in its one canonical form: a changed bit that would decode to the same bytes is refused as well. */
export function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new SealBroken('What is sealed here is damaged.')
  return bytes
}
