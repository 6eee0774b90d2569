import { SealBroken } from './error.ts'
import type { KeyWrapper } from './key-wrapper.ts'

/** Wraps by the first; opens what any of them wrapped, so that secrets can move from one source to another. */
export function keyRing(newest: KeyWrapper, ...older: KeyWrapper[]): KeyWrapper {
  const all = [newest, ...older]
  return {
    source: newest.source,
    wrap: (dataKey, aad) => newest.wrap(dataKey, aad),
    unwrap: async (wrapped, aad) => {
      const keys = all.find(({ source }) => wrapped.startsWith(`${source}:`))
      if (!keys) throw new SealBroken('The key that this was sealed with is not here.')
      return keys.unwrap(wrapped, aad)
    },
  }
}
