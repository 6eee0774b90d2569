import * as z from 'zod/mini'

/** Who answers. `openai-compatible` is any address that speaks OpenAI's chat completions. */
export const vendors = ['anthropic', 'openai', 'google', 'openai-compatible', 'ollama'] as const
export const vendor = z.enum(vendors)
export type Vendor = z.infer<typeof vendor>

/** A model by its full name, `anthropic/claude-…`, by an alias, or by the name its server knows. */
export const modelName = z.string().check(z.minLength(1), z.maxLength(200), z.regex(/^[^\s\p{C}]+$/u))

/** A name of the owner's own for a model: no slash, so that it is never taken for a vendor's. */
export const modelAlias = z.string().check(z.maxLength(40), z.regex(/^[a-z][a-z0-9.-]*$/))

export const modelAddress = z.url({ protocol: /^https?$/ })

/** A key as it goes in. It never comes out: what is shown of it is `masked`. */
export const modelKey = z.string().check(z.minLength(1), z.maxLength(1000), z.regex(/^[\x21-\x7e]+$/))
