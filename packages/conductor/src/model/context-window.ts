// How much a model takes in one call, in tokens. The vendors' figures, rounded down; for a model that nobody has told
// anything about a figure that most can take.

import type { ModelSettings } from './settings.ts'

const known: [RegExp, number][] = [
  [/^anthropic\//, 200_000],
  [/^google\/gemini/, 1_000_000],
  [/^openai\/gpt-4\.1/, 1_000_000],
  [/^openai\/gpt-5/, 272_000],
  [/^openai\/o\d/, 200_000],
  [/^openai\//, 128_000],
]
const usual = 32_000

/** The owner's own figure, else the vendor's, else the usual one. */
export const contextTokensOf = (settings: ModelSettings, name: string): number =>
  settings.context[name] ?? known.find(([names]) => names.test(name))?.[1] ?? usual
