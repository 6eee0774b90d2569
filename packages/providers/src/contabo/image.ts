import * as z from 'zod/mini'
import { ProviderError } from '../provider.ts'
import { everyPage } from '../shared/pages.ts'
import { nextOf, pageOf } from './instance.ts'
import type { Contabo } from './options.ts'

const shape = pageOf(z.object({ imageId: z.string(), name: z.string() }))

/** The id of the standard image of that name: others begin with the same name. @throws ProviderError `refused` */
export async function imageId({ api, image }: Contabo): Promise<string> {
  const images = await everyPage(1, async page => {
    const query = { standardImage: true, name: image, page, size: 100 }
    const answer = await api.ask(shape, 'GET', '/v1/compute/images', { query })
    return { items: answer.data, next: nextOf(answer) }
  })
  const found = images.find(({ name }) => name === image)
  if (!found) throw new ProviderError('refused', `Contabo has no image ${image}.`)
  return found.imageId
}
