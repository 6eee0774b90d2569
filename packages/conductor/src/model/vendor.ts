// What there is to know of each vendor. Their libraries are loaded with the first model: an idle Conductor has no use
// for them.

import type { LanguageModelV4, SharedV4ProviderOptions } from '@ai-sdk/provider'
import type { Vendor } from '@spoq/contracts/model'
import { anthropic } from './anthropic.ts'
import { google } from './google.ts'
import { ollama } from './ollama.ts'
import { openAi } from './openai.ts'
import { openAiCompatible } from './openai-compatible.ts'

/** Where a model is asked, and as whom. */
export interface Reached {
  /** With the path its documentation starts at, without a slash at its end. */
  url: string
  key: string | null
  fetch: typeof fetch
}

export interface VendorKind {
  /** Null: there is none that everybody uses. */
  url: string | null
  needsKey: boolean
  /** Opens a model; nothing is called yet. */
  open(reached: Reached, model: string): Promise<LanguageModelV4>
  options?: SharedV4ProviderOptions
  takesImages(reached: Reached, model: string): Promise<boolean>
  /** The call that lists models: it costs nothing, and a wrong key is refused. */
  list(reached: Reached): Promise<Response>
}

export const vendorKinds: Record<Vendor, VendorKind> = {
  anthropic,
  openai: openAi,
  google,
  'openai-compatible': openAiCompatible,
  ollama,
}
