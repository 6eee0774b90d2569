import * as z from 'zod/mini'
import { instant } from '../http/index.ts'

/** Texts that have to be accepted before something is made. */
export const policyNames = ['acceptable-use'] as const
export const policyName = z.enum(policyNames)
export type PolicyName = z.infer<typeof policyName>

/** The day on which it began to hold: `2026-11-22`. */
export const policyVersion = z.string().check(z.regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/, 'a day as 2026-11-22'))

export const policy = z.object({
  name: policyName,
  version: policyVersion,
  title: z.string(),
  /** Paragraphs, with an empty line between them. */
  text: z.string(),
})
export type Policy = z.infer<typeof policy>

export const acceptance = z.object({ name: policyName, version: policyVersion, acceptedAt: instant })
export type Acceptance = z.infer<typeof acceptance>
