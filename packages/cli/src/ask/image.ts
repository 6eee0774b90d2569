// What is an image that models take: by its first bytes, never by its name.

import { open } from 'node:fs/promises'
import type { imageTypes } from '@spoq/contracts/session'

type ImageType = (typeof imageTypes)[number]

/** The first bytes of a file. */
export async function headOf(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Which image begins so; null when none does. */
export function imageIn(head: Buffer): ImageType | null {
  const text = head.toString('latin1')
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (/^RIFF[\s\S]{4}WEBP/.test(text)) return 'image/webp'
  return /^GIF8[79]a/.test(text) ? 'image/gif' : null
}
