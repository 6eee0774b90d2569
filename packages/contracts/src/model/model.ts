import * as z from 'zod/mini'
import { nothing, route } from '../http/index.ts'
import { usage } from '../session/event.ts'
import { modelAddress, modelAlias, modelKey, modelName, vendor } from './vendor.ts'

/** Which model a machine uses when the question names none. A key goes in and never comes out. */
export const modelChoice = z.object({
  /** `demo`, `anthropic/claude-…`, an alias; with a `url` alone, the name that an OpenAI-compatible address knows. */
  name: modelName,
  /** Replaces the vendor's address. A key that was entered for another one is not sent there. */
  url: z.optional(modelAddress),
  key: z.optional(modelKey),
  alias: z.optional(modelAlias),
  /** The models that answer, in this order, when it does not. Left out: as it is. */
  fallback: z.optional(z.array(modelName).check(z.maxLength(10))),
})
export type ModelChoice = z.infer<typeof modelChoice>

/** What is in use: `source` says who decided. `none` when nothing is set and nothing answers locally. */
export const modelInUse = z.object({
  source: z.enum(['chosen', 'found', 'none']),
  /** `vendor/model`, or `demo`. */
  name: z.nullable(z.string()),
  url: z.nullable(z.string()),
  hasKey: z.boolean(),
})
export type ModelInUse = z.infer<typeof modelInUse>

/** A key as it is shown: `sk-a…wxyz`. */
export const shownKey = z.object({
  vendor,
  masked: z.string(),
  url: z.string(),
  /** Whose it is: this machine's own, or the account's. */
  from: z._default(z.enum(['machine', 'account']), 'machine'),
  /** False: the machine's own key of this vendor is taken instead. */
  used: z._default(z.boolean(), true),
})
export type ShownKey = z.infer<typeof shownKey>

/** Dollars per million tokens, in micro-dollars. Above so many input tokens some vendors charge the whole call more. */
export const modelPrice = z.object({
  input: z.number().check(z.minimum(0)),
  output: z.number().check(z.minimum(0)),
  /** Input that the vendor had cached. */
  cached: z.number().check(z.minimum(0)),
  above: z.optional(z.object({ tokens: z.number(), input: z.number(), output: z.number(), cached: z.number() })),
})
export type ModelPrice = z.infer<typeof modelPrice>

export const listedModel = z.object({
  name: z.string(),
  alias: z.nullable(z.string()),
  /** 0 for the one that is used, then the fallback in its order; null when it is only known by its alias. */
  order: z.nullable(z.number()),
  url: z.string(),
  /** Why it cannot answer as it stands; null when nothing is known against it. */
  trouble: z.nullable(z.string()),
  /** Null when nobody has told it. `own` when the owner has. */
  price: z.nullable(z.extend(modelPrice, { from: z.enum(['own', 'table']) })),
  /** How many tokens it takes in one call. */
  contextTokens: z.optional(z.number()),
})
export type ListedModel = z.infer<typeof listedModel>

export const modelList = z.object({
  models: z.array(listedModel),
  keys: z.array(shownKey),
  /** Model servers that answer on the machine itself. */
  found: z.array(z.object({ url: z.string(), vendor, models: z.array(z.string()) })),
  /** The day the vendors' prices were read. */
  pricesOf: z.string(),
})
export type ModelList = z.infer<typeof modelList>

const refusals = ['model_failed', 'model_refused', 'no_model'] as const

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
  errors: [...refusals, 'key_missing'],
})

export const listModels = route({
  method: 'get',
  path: '/api/models',
  summary: 'Lists the models that are set up, the keys as they are shown, and what answers on the machine itself.',
  caller: 'member',
  scope: 'machine:read',
  status: 200,
  answer: modelList,
  errors: [],
})

export const setModelKey = route({
  method: 'put',
  path: '/api/model/keys/{vendor}',
  summary: "Keeps a vendor's key, sealed, after one small call has shown that the vendor takes it.",
  caller: 'member',
  scope: 'machine:write',
  params: z.object({ vendor }),
  body: z.object({ key: modelKey, url: z.optional(modelAddress) }),
  status: 200,
  answer: shownKey,
  errors: ['model_failed', 'model_refused'],
})

export const removeModelKey = route({
  method: 'delete',
  path: '/api/model/keys/{vendor}',
  summary: "Removes a vendor's key. Harmless when there is none.",
  caller: 'member',
  scope: 'machine:write',
  params: z.object({ vendor }),
  status: 204,
  answer: nothing,
  errors: [],
})

export const setModelPrice = route({
  method: 'put',
  path: '/api/model/price',
  summary: "Sets the owner's own price of a model; null goes back to the vendors' table.",
  caller: 'member',
  scope: 'machine:write',
  body: z.object({ name: modelName, price: z.nullable(modelPrice) }),
  status: 204,
  answer: nothing,
  errors: ['no_model'],
})

/** Tokens that a model takes in one call. */
export const contextTokens = z.number().check(z.int(), z.minimum(1_000), z.maximum(100_000_000))

export const setModelContext = route({
  method: 'put',
  path: '/api/model/context',
  summary: 'Sets how many tokens a model takes in one call; null goes back to the figure that is known.',
  caller: 'member',
  scope: 'machine:write',
  body: z.object({ name: modelName, tokens: z.nullable(contextTokens) }),
  status: 200,
  answer: z.object({ name: z.string(), tokens: z.number() }),
  errors: ['no_model'],
})

export const removeModel = route({
  method: 'post',
  path: '/api/model/remove',
  summary: 'Removes an alias; or, by its full name, a model with its aliases, its own price and context size.',
  caller: 'member',
  scope: 'machine:write',
  body: z.object({ name: modelName }),
  status: 200,
  /** `model`: null when an alias alone went. `inUse`: what answers from now on. */
  answer: z.object({ model: z.nullable(z.string()), aliases: z.array(z.string()), inUse: modelInUse }),
  errors: ['no_model'],
})

export const modelTested = z.object({
  name: z.string(),
  /** To the whole answer, in ms. */
  ms: z.number(),
  usage,
  costMicros: z.nullable(z.number()),
})
export type ModelTested = z.infer<typeof modelTested>

export const testModel = route({
  method: 'post',
  path: '/api/model/test',
  summary: 'Makes one small call and says how long it took and what it cost.',
  caller: 'member',
  scope: 'machine:write',
  body: z.object({ name: z.optional(modelName) }),
  status: 200,
  answer: modelTested,
  errors: [...refusals, 'key_missing', 'budget_spent'],
})
