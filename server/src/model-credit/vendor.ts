// What is read of the vendors' APIs: which model is asked, how much it may say, and what it has counted at the end.

import type { AccountVendor } from '@spoq/contracts/model-key'
import type { Tokens } from '@spoq/kit/model-price'
import * as z from 'zod/mini'

/** What a call asks for. */
export interface Call {
  model: string
  /** The body as it is sent on: with an end to what may be said, where there was none. */
  body: Record<string, unknown>
  maxOutputTokens: number
}

/** Counts while an answer passes by. */
export interface Meter {
  /** One JSON of the answer: an event, or the whole. */
  see(json: unknown): void
  /** What the vendor has counted; null: nothing yet. */
  tokens(): Tokens | null
}

export interface RelayedVendor {
  name: AccountVendor
  /** The one path that costs something, after `/model/VENDOR`. */
  callPath: string
  /** One that costs nothing, and by which a key is checked. */
  listPath: string
  /** Where a machine's token stands. */
  tokenOf(header: (name: string) => string | null): string | null
  headers(key: string): Record<string, string>
  /** Null: it is no call. */
  read(body: unknown): Call | null
  meter(): Meter
  /** An error in the vendor's form. */
  refusal(status: number, message: string): unknown
}

/** Where a call says nothing, so much may be said. */
const usualOutput = 16_384
const count = z._default(z.int(), 0)

const anthropicUsage = z.object({
  input_tokens: z.optional(z.int()),
  cache_read_input_tokens: z.nullish(z.int()),
  cache_creation_input_tokens: z.nullish(z.int()),
  cache_creation: z.nullish(z.object({ ephemeral_1h_input_tokens: z.nullish(z.int()) })),
  output_tokens: z.optional(z.int()),
})
const anthropicEvent = z.object({
  usage: z.nullish(anthropicUsage),
  message: z.nullish(z.object({ usage: z.nullish(anthropicUsage) })),
})
const anthropicCall = z.looseObject({ model: z.string(), max_tokens: z.int().check(z.minimum(1)) })

const anthropic: RelayedVendor = {
  name: 'anthropic',
  callPath: '/messages',
  listPath: '/models',
  tokenOf: header => header('x-api-key'),
  headers: key => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
  read(body) {
    const { data } = anthropicCall.safeParse(body)
    return data ? { model: data.model, body: data, maxOutputTokens: data.max_tokens } : null
  },
  meter() {
    let seen: z.infer<typeof anthropicUsage> | null = null
    return {
      see(json) {
        const { data } = anthropicEvent.safeParse(json)
        const usage = data?.message?.usage ?? data?.usage
        if (usage) seen = { ...seen, ...usage }
      },
      tokens: () => seen && anthropicTokens(seen),
    }
  },
  refusal: (status, message) => ({ type: 'error', error: { type: anthropicType(status), message } }),
}

/** What is written into the vendor's cache costs a quarter more than other input, for an hour twice as much. */
function anthropicTokens(usage: z.infer<typeof anthropicUsage>): Tokens {
  const cached = usage.cache_read_input_tokens ?? 0
  const written = usage.cache_creation_input_tokens ?? 0
  const forHour = Math.min(written, usage.cache_creation?.ephemeral_1h_input_tokens ?? 0)
  const fresh = (usage.input_tokens ?? 0) + Math.ceil((written - forHour) * 1.25) + forHour * 2
  return { inputTokens: fresh + cached, cachedTokens: cached, outputTokens: usage.output_tokens ?? 0 }
}

const anthropicType = (status: number) =>
  ({ 401: 'authentication_error', 402: 'billing_error', 403: 'permission_error', 404: 'not_found_error' })[status] ??
  (status >= 500 ? 'api_error' : 'invalid_request_error')

const openaiUsage = z.object({
  input_tokens: count,
  input_tokens_details: z.nullish(z.object({ cached_tokens: count })),
  output_tokens: count,
})
const openaiEvent = z.object({
  usage: z.nullish(openaiUsage),
  response: z.nullish(z.object({ usage: z.nullish(openaiUsage) })),
})
const openaiCall = z.looseObject({ model: z.string(), max_output_tokens: z.nullish(z.int().check(z.minimum(1))) })

const openai: RelayedVendor = {
  name: 'openai',
  callPath: '/responses',
  listPath: '/models',
  tokenOf: header => /^Bearer (\S+)$/.exec(header('authorization') ?? '')?.[1] ?? null,
  headers: key => ({ authorization: `Bearer ${key}` }),
  read(body) {
    const { data } = openaiCall.safeParse(body)
    // What goes on without anybody waiting for it could not be counted.
    if (!data || data.background === true) return null
    const maxOutputTokens = data.max_output_tokens ?? usualOutput
    return { model: data.model, body: { ...data, max_output_tokens: maxOutputTokens }, maxOutputTokens }
  },
  meter() {
    let seen: z.infer<typeof openaiUsage> | null = null
    return {
      see(json) {
        const { data } = openaiEvent.safeParse(json)
        seen = data?.response?.usage ?? data?.usage ?? seen
      },
      tokens: () =>
        seen && {
          inputTokens: seen.input_tokens,
          cachedTokens: seen.input_tokens_details?.cached_tokens ?? 0,
          outputTokens: seen.output_tokens,
        },
    }
  },
  refusal: (status, message) => ({
    error: { message, type: status === 402 ? 'insufficient_quota' : 'invalid_request_error', param: null, code: null },
  }),
}

export const relayed: readonly RelayedVendor[] = [anthropic, openai]
