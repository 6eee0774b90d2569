// Taking a name out of what is set about models.

import type { ModelSettings } from './settings.ts'

/** What was taken out, and what is left. */
export interface Forgotten {
  settings: ModelSettings
  aliases: string[]
  /** The full name; null when an alias alone went and its model stays as it was. */
  model: string | null
}

/**
 * Without an alias; or without a model by its full name, with the aliases that mean it and its own price and context size.
 * When it was the chosen one, the first of the fallback answers from then on. Null when nothing is called so.
 */
export function forget(settings: ModelSettings, name: string): Forgotten | null {
  const { chosen, fallback, alias, price, context } = settings
  if (Object.hasOwn(alias, name))
    return { settings: { ...settings, alias: without(alias, alias => alias === name) }, aliases: [name], model: null }
  const aliases = Object.keys(alias).filter(one => alias[one] === name)
  const isSet = chosen === name || fallback.includes(name) || aliases.length > 0
  if (!isSet && !Object.hasOwn(price, name) && !Object.hasOwn(context, name)) return null
  const line = [...(chosen === null ? [] : [chosen]), ...fallback].filter(one => one !== name)
  const left = {
    ...settings,
    alias: without(alias, one => aliases.includes(one)),
    price: without(price, one => one === name),
    context: without(context, one => one === name),
    ...(chosen === null ? { fallback: line } : { chosen: line[0] ?? null, fallback: line.slice(1) }),
  }
  return { settings: left, aliases, model: name }
}

const without = <T>(all: Record<string, T>, goes: (name: string) => boolean): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !goes(name)))
