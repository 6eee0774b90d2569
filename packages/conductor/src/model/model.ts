import type { LanguageModelV4 } from '@ai-sdk/provider'

/** A model that can be asked. */
export interface Model {
  /** As it is shown and stands in the log. */
  name: string
  language: LanguageModelV4
  /** The key, kept here only so that it can be taken out of error messages. */
  secret: string | null
}
