import * as z from 'zod/mini'
import { everyPage } from '../shared/pages.ts'
import type { Vultr } from './options.ts'

export const meta = z.optional(z.object({ links: z.optional(z.object({ next: z.optional(z.string()) })) }))

/** A list to its end: the next page is asked for by a cursor, which is empty at the last. */
export function pages<A extends { meta?: z.infer<typeof meta> }, T>(
  { api }: Vultr,
  path: string,
  shape: z.ZodMiniType<A>,
  items: (answer: A) => readonly T[],
): Promise<T[]> {
  return everyPage<T, string>('', async cursor => {
    const query = { per_page: 500, cursor: cursor || undefined }
    const answer = await api.ask(shape, 'GET', path, { query })
    return { items: items(answer), next: answer.meta?.links?.next || null }
  })
}
