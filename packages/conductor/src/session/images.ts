// Images that go with a question: what they are by their own bytes, and whether the model takes any.

import { SpoqError } from '@spoq/contracts/problem'
import type { Attachment, imageTypes } from '@spoq/contracts/session'
import type { Model } from '../model/index.ts'

/** @throws SpoqError `invalid_request` for what is no image of its type, `no_images`. */
export async function assertImages(attachments: readonly Attachment[], model: Model): Promise<void> {
  const images = attachments.filter(({ media }) => media)
  if (images.length === 0) return
  for (const { name, media } of images)
    if (media && !looksLike[media.type](Buffer.from(media.data.slice(0, 32), 'base64').toString('latin1')))
      throw new SpoqError('invalid_request', { message: `${JSON.stringify(name)} is no ${media.type}.` })
  if (await model.takesImages()) return
  throw new SpoqError('no_images', { message: `${model.name} takes no images.` })
}

/** The first bytes of each kind of file. */
const looksLike: Record<(typeof imageTypes)[number], (head: string) => boolean> = {
  'image/png': head => head.startsWith('\x89PNG\r\n\x1a\n'),
  'image/jpeg': head => head.startsWith('\xff\xd8\xff'),
  'image/webp': head => /^RIFF[\s\S]{4}WEBP/.test(head),
  'image/gif': head => /^GIF8[79]a/.test(head),
}
