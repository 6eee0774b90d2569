import * as z from 'zod/mini'
import { everyPage } from '../shared/pages.ts'
import type { DigitalOcean } from './options.ts'

/** Says by an address where the next page is. The key is not sent there: only whether there is one counts. */
export const links = z.optional(z.object({ pages: z.optional(z.object({ next: z.optional(z.string()) })) }))

/** A list to its end. */
export function pages<A extends { links?: z.infer<typeof links> }, T>(
  { api }: DigitalOcean,
  path: string,
  shape: z.ZodMiniType<A>,
  items: (answer: A) => readonly T[],
  query: Record<string, string> = {},
): Promise<T[]> {
  return everyPage(1, async page => {
    const answer = await api.ask(shape, 'GET', path, { query: { ...query, page, per_page: 200 } })
    return { items: items(answer), next: answer.links?.pages?.next ? page + 1 : null }
  })
}
