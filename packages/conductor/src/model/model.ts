import type { LanguageModelV4, SharedV4ProviderOptions } from '@ai-sdk/provider'
import type { ModelPrice } from '@spoq/contracts/model'

/** A model that can be asked. */
export interface Model {
  /** As it is shown and stands in the log: `vendor/model`, or `demo`. */
  name: string
  language: LanguageModelV4
  /** Goes with every call. */
  options?: SharedV4ProviderOptions
  /** The key, kept here only so that it can be taken out of error messages. */
  secret: string | null
  /** Null when nobody has told it. */
  price: ModelPrice | null
  /** It runs on hardware of the owner's: no budget of dollars counts it. */
  free: boolean
  /** What one call may hold, in tokens. */
  contextTokens: number
  /** Whether an image may be sent to it. */
  takesImages(): Promise<boolean>
}
