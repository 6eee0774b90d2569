// From the name that somebody gives a model to its full one.

import type { Found } from './found.ts'
import { type ModelSettings, splitName } from './settings.ts'

/** Where a model is: at its vendor's address, or at one that was found on the machine. */
export interface Place {
  /** `vendor/model`, or `demo`. */
  name: string
  /** Set when it was found there. */
  foundAt?: string
}

/**
 * The model that a name means; null when none is known by it. In this order: `demo`, an alias, a full name, the name of
 * one that is set up, one that was found here, the name at the OpenAI-compatible address that is set up.
 */
export async function resolve(
  asked: string,
  settings: ModelSettings,
  find: () => Promise<Found[]>,
): Promise<Place | null> {
  if (asked === 'demo') return { name: 'demo' }
  const full = settings.alias[asked] ?? asked
  const split = splitName(full)
  if (split && split.vendor !== 'ollama') return { name: full }
  const model = split?.model ?? asked
  const known = [settings.chosen, ...settings.fallback].find(name => name && splitName(name)?.model === asked)
  if (known) return { name: known }
  for (const { url, vendor, models } of await find()) {
    const name = models.find(one => isNamed(one, model))
    if (name && (!split || split.vendor === vendor)) return { name: `${vendor}/${name}`, foundAt: url }
  }
  if (split) return { name: full }
  return settings.url['openai-compatible'] ? { name: `openai-compatible/${asked}` } : null
}

/** Ollama's names carry a tag that people leave out: `llama3` for `llama3:latest`. */
const isNamed = (name: string, asked: string) => name === asked || name.split(':')[0] === asked
