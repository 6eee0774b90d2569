import * as z from 'zod/mini'
import { ProviderError } from '../provider.ts'
import type { Hostinger } from './options.ts'

const shape = z.array(z.object({ id: z.number(), name: z.string() }))

/** Whether it is that system and nothing more: others are called `Ubuntu 24.04 with …`. */
export const isTemplate = ({ name }: { name: string }, wanted: string) => name === wanted || name === `${wanted} LTS`

/** The id of the template of that name. @throws ProviderError `refused` */
export async function templateId({ api }: Hostinger, wanted: string): Promise<number> {
  const found = (await api.ask(shape, 'GET', '/api/vps/v1/templates')).find(one => isTemplate(one, wanted))
  if (!found) throw new ProviderError('refused', `Hostinger has no template ${wanted}.`)
  return found.id
}
