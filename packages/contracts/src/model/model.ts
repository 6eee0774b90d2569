import * as z from 'zod/mini'
import { route } from '../http/index.ts'

/** Which model a machine uses when the question names none. A key goes in and never comes out. */
export const modelChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('demo') }),
  z.object({
    kind: z.literal('openai-compatible'),
    /** The model's name as the endpoint knows it. */
    model: z.string().check(z.minLength(1)),
    /** Up to and with `/v1`. */
    url: z.url({ protocol: /^https?$/ }),
    key: z.optional(z.string()),
  }),
])
export type ModelChoice = z.infer<typeof modelChoice>

/** What is in use: `source` says who decided. `none` when nothing is set and nothing answers locally. */
export const modelInUse = z.object({
  source: z.enum(['chosen', 'found', 'none']),
  name: z.nullable(z.string()),
  url: z.nullable(z.string()),
  hasKey: z.boolean(),
})
export type ModelInUse = z.infer<typeof modelInUse>

export const showModel = route({
  method: 'get',
  path: '/api/model',
  summary: 'Shows the model that a question without one uses; looks for local endpoints when none is chosen.',
  caller: 'member',
  scope: 'machine:read',
  status: 200,
  answer: modelInUse,
  errors: [],
})

export const chooseModel = route({
  method: 'put',
  path: '/api/model',
  summary: 'Chooses the model, after one small call has shown that it answers.',
  caller: 'member',
  scope: 'machine:write',
  body: modelChoice,
  status: 200,
  answer: modelInUse,
  errors: ['model_failed', 'model_refused'],
})
