// What the vendors ask, as they published it: dollars per million tokens. A model that is not here has no price, and none
// is made up for it; the owner can set one.

import type { ModelPrice } from './cost.ts'

/** The day the vendors' pages were read. */
export const pricesOf = '2026-10-24'

type Row = [input: number, cached: number, output: number]

/** With a second row: what a call costs whose input has more tokens than that. */
const table: Record<string, Row | [Row, number, Row]> = {
  'anthropic/claude-fable-5-1': [10, 0.25, 50],
  'anthropic/claude-fable-5': [10, 1, 50],
  'anthropic/claude-opus-5-5': [4, 0.2, 20],
  'anthropic/claude-opus-5': [5, 0.5, 25],
  'anthropic/claude-opus-4-8': [5, 0.5, 25],
  'anthropic/claude-opus-4-7': [5, 0.5, 25],
  'anthropic/claude-opus-4-6': [5, 0.5, 25],
  'anthropic/claude-opus-4-5': [5, 0.5, 25],
  'anthropic/claude-sonnet-5-5': [2, 0.1, 10],
  'anthropic/claude-sonnet-5': [2, 0.2, 10],
  'anthropic/claude-sonnet-4-6': [3, 0.3, 15],
  'anthropic/claude-sonnet-4-5': [3, 0.3, 15],
  'anthropic/claude-haiku-5-5': [[0.1, 0.01, 0.5], 100_000, [0.5, 0.05, 2.5]],
  'anthropic/claude-haiku-4-5': [1, 0.1, 5],
  'openai/gpt-5.4': [[2.5, 0.25, 15], 272_000, [5, 0.5, 22.5]],
  'openai/gpt-5.4-mini': [0.75, 0.075, 4.5],
  'openai/gpt-5.2': [1.75, 0.175, 14],
  'openai/gpt-5.1': [1.25, 0.125, 10],
  'openai/gpt-5': [1.25, 0.125, 10],
  'openai/gpt-5-mini': [0.25, 0.025, 2],
  'openai/gpt-5-nano': [0.05, 0.005, 0.4],
  'openai/gpt-4.1': [2, 0.5, 8],
  'openai/gpt-4.1-mini': [0.4, 0.1, 1.6],
  'openai/gpt-4.1-nano': [0.1, 0.025, 0.4],
  'openai/gpt-4o': [2.5, 1.25, 10],
  'openai/gpt-4o-mini': [0.15, 0.075, 0.6],
  'openai/o3': [2, 0.5, 8],
  'openai/o4-mini': [1.1, 0.275, 4.4],
  'google/gemini-2.5-pro': [[1.25, 0.125, 10], 200_000, [2.5, 0.25, 15]],
  'google/gemini-2.5-flash': [0.3, 0.03, 2.5],
  'google/gemini-2.5-flash-lite': [0.1, 0.01, 0.4],
}

/** The price in the table; dated names (`-20250929`, `-2025-08-07`) cost what their model costs. Null: not known. */
export function tablePrice(name: string): ModelPrice | null {
  const row = table[name] ?? table[name.replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, '')]
  if (!row) return null
  if (!Array.isArray(row[0])) return priceOf(row as Row)
  const [small, tokens, large] = row as [Row, number, Row]
  return { ...priceOf(small), above: { tokens, ...priceOf(large) } }
}

const priceOf = ([input, cached, output]: Row) => ({
  input: micros(input),
  cached: micros(cached),
  output: micros(output),
})
const micros = (dollars: number) => Math.round(dollars * 1e6)
