import * as z from 'zod/mini'

/** What became of the files that a turn had edited. */
export const undone = z.object({
  /** As they were before the turn: `restored`, `removed` when the turn had created it, `unchanged` when it was so already. */
  done: z.array(z.object({ path: z.string(), change: z.enum(['restored', 'removed', 'unchanged']) })),
  /** Not touched, each with the reason: somebody changed it since. */
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
})
export type Undone = z.infer<typeof undone>
