import * as z from 'zod/mini'
import { route } from '../http/index.ts'

// OpenAI's chat completions, as other tools speak it. What is not listed is ignored.

/** Below this path a machine speaks OpenAI's wire format, errors included. */
export const speaksOpenAi = (path: string) => path.startsWith('/v1/')

/** An error in that format, with a code of ours. */
export const openAiProblem = z.object({
  error: z.object({ message: z.string(), type: z.string(), param: z.null(), code: z.string() }),
})

const textPart = z.object({ type: z.literal('text'), text: z.string() })
const imagePart = z.object({
  type: z.literal('image_url'),
  // An address would be fetched by whoever reads it: only what is in the request is taken.
  image_url: z.object({ url: z.string().check(z.regex(/^data:image\/(png|jpeg|webp|gif);base64,/)) }),
})
const text = z.union([z.string(), z.array(textPart)])
const toolCall = z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) })

const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content: text }),
  z.object({ role: z.literal('developer'), content: text }),
  z.object({ role: z.literal('user'), content: z.union([z.string(), z.array(z.union([textPart, imagePart]))]) }),
  z.object({
    role: z.literal('assistant'),
    content: z.optional(z.nullable(text)),
    tool_calls: z.optional(z.array(toolCall)),
  }),
  z.object({ role: z.literal('tool'), content: text, tool_call_id: z.string() }),
])
export type ChatMessage = z.infer<typeof message>

const tokens = z.optional(z.nullable(z.number().check(z.int(), z.minimum(1))))

const chatRequest = z.object({
  /** A name that the machine knows; `default` is its own choice. */
  model: z.string(),
  messages: z.array(message).check(z.minLength(1)),
  stream: z.optional(z.nullable(z.boolean())),
  stream_options: z.optional(z.nullable(z.object({ include_usage: z.optional(z.boolean()) }))),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  temperature: z.optional(z.nullable(z.number())),
  top_p: z.optional(z.nullable(z.number())),
  tools: z.optional(
    z.array(
      z.object({
        function: z.object({
          name: z.string().check(z.regex(/^[\w-]{1,64}$/)),
          description: z.optional(z.string()),
          parameters: z.optional(z.record(z.string(), z.unknown())),
        }),
      }),
    ),
  ),
})
export type ChatRequest = z.infer<typeof chatRequest>

export const completeChat = route({
  method: 'post',
  path: '/v1/chat/completions',
  summary:
    "OpenAI's chat completions, answered by the machine's models, whole or as a stream. Nothing of it becomes a session; what it uses counts in the day's budget. Errors have OpenAI's form.",
  caller: 'member',
  scope: 'machine:use',
  body: chatRequest,
  status: 200,
  answer: z.unknown(),
  errors: [
    'no_model',
    'key_missing',
    'no_images',
    'model_failed',
    'model_refused',
    'context_too_long',
    'budget_spent',
    'messages_used_up',
    'price_unknown',
  ],
})

/** The models that a machine may be asked by; `id` is what a request names. */
export const listOpenAiModels = route({
  method: 'get',
  path: '/v1/models',
  summary:
    "OpenAI's list of models: `default` is the machine's own choice; then those that are set up, those that answer on the machine itself, and `demo`.",
  caller: 'member',
  scope: 'machine:read',
  status: 200,
  answer: z.object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        id: z.string(),
        object: z.literal('model'),
        /** Seconds since 1970; 0: nobody knows. */
        created: z.number(),
        owned_by: z.string(),
      }),
    ),
  }),
  errors: [],
})
export type OpenAiModels = z.infer<typeof listOpenAiModels.answer>
