// What there is to know of each vendor. Their libraries are loaded with the first model: an idle Conductor has no use
// for them.

import type { LanguageModelV4, SharedV4ProviderOptions } from '@ai-sdk/provider'
import type { Vendor } from '@spoq/contracts/model'
import type { Reached, VendorCalls } from '@spoq/kit/model-vendor'
import { anthropic } from './anthropic.ts'
import { google } from './google.ts'
import { ollama } from './ollama.ts'
import { openAi } from './openai.ts'
import { openAiCompatible } from './openai-compatible.ts'

export type { Reached }

export interface VendorKind extends VendorCalls {
  needsKey: boolean
  /** Opens a model; nothing is called yet. */
  open(reached: Reached, model: string): Promise<LanguageModelV4>
  options?: SharedV4ProviderOptions
  takesImages(reached: Reached, model: string): Promise<boolean>
}

export const vendorKinds: Record<Vendor, VendorKind> = {
  anthropic,
  openai: openAi,
  google,
  'openai-compatible': openAiCompatible,
  ollama,
}
