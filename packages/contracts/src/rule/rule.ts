import * as z from 'zod/mini'
import { id, instant } from '../http/shape.ts'
import { sessionId } from '../session/index.ts'

export const ruleId = id('rule')

/**
 * `tool` or `tool(pattern)`: `run(npm test *)`, `edit(src/*)`. In a pattern `*` stands for anything and `\\` before a
 * character for that character.
 */
export const ruleText = z.string().check(z.maxLength(4096), z.regex(/^[a-z][a-z0-9_]*(?:\(.+\))?$/s))

/** What a rule does with the calls it matches. Of several that match, `deny` counts before `ask` before `allow`. */
export const effect = z.enum(['deny', 'ask', 'allow'])
export type Effect = z.infer<typeof effect>

/** A rule that a machine keeps. */
export const rule = z.object({
  id: ruleId,
  effect,
  rule: ruleText,
  scope: z.enum(['session', 'project', 'always']),
  /** Of the scope `session`. */
  session: z.nullable(sessionId),
  /** Of the scope `project`: a folder of the workspace, by its path; empty for the workspace itself. */
  folder: z.nullable(z.string()),
  by: z.string(),
  createdAt: instant,
})
export type Rule = z.infer<typeof rule>
