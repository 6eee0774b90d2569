import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forget } from './forget.ts'
import type { ModelSettings } from './settings.ts'

const names = ['openai/a', 'openai/b', 'ollama/c'] as const
const aliases = ['fast', 'big', 'cat'] as const
const price = { input: 1, output: 1, cached: 1 }
const some = fc.constantFrom(...names)
const settings: fc.Arbitrary<ModelSettings> = fc.record({
  chosen: fc.option(some),
  fallback: fc.uniqueArray(some),
  alias: fc.dictionary(fc.constantFrom(...aliases), some),
  url: fc.constant({ ollama: 'http://127.0.0.1' }),
  price: fc.dictionary(some, fc.constant(price)),
  context: fc.dictionary(some, fc.constant(9_000)),
  patience: fc.constant({}),
})

// Mutants: an alias that stays behind and means nothing; the fallback left without anybody before it; the order lost.
test('what was removed stands nowhere any more, and all else stays as it was', () => {
  fc.assert(
    fc.property(settings, fc.constantFrom(...names), (before, name) => {
      const after = forget(before, name)
      const line = (of: ModelSettings) => [of.chosen, ...of.fallback].filter(one => one !== null)
      // A property that returns what an expectation answers fails by chance.
      if (!after) {
        expect(JSON.stringify({ ...before, url: {} })).not.toContain(`"${name}"`)
        return
      }
      expect(JSON.stringify(after.settings)).not.toContain(`"${name}"`)
      expect(line(after.settings)).toEqual(line(before).filter(one => one !== name))
      if (before.chosen !== null && line(after.settings).length > 0) expect(after.settings.chosen).not.toBeNull()
      for (const other of aliases.filter(one => !after.aliases.includes(one)))
        expect(after.settings.alias[other]).toBe(before.alias[other])
      expect(after.settings.url).toEqual(before.url)
    }),
  )
})

test('an alias goes alone, also one that is called like a property of every object', () => {
  const set: ModelSettings = {
    chosen: 'openai/a',
    fallback: [],
    alias: { fast: 'openai/a' },
    url: {},
    price: { 'openai/a': price },
    context: {},
    patience: {},
  }
  expect(forget(set, 'fast')).toEqual({ settings: { ...set, alias: {} }, aliases: ['fast'], model: null })
  for (const unknown of ['constructor', 'toString', 'slow']) expect(forget(set, unknown)).toBeNull()
})
