// Dollars and tokens as a person writes them.

import type { BudgetState, Limit, ModelPrice } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'

/** Micro-dollars of `0.50`, `$5`. @throws SpoqError `usage`, naming the flag. */
export function micros(text: string, flag: string): number {
  if (/^\$?\d+(\.\d{1,6})?$/.test(text)) return Math.round(Number(text.replace('$', '')) * 1e6)
  throw usage(`${flag} is no amount of dollars.`, `Example: ${flag} 0.50`)
}

/** @throws SpoqError `usage` when a part is missing or none. */
export function ownPrice(given: {
  input: string | undefined
  output: string | undefined
  cached: string | undefined
}): ModelPrice {
  if (given.input === undefined || given.output === undefined)
    throw usage('A price has two parts.', 'Give both: --input DOLLARS --output DOLLARS, or --reset.')
  const input = micros(given.input, '--input')
  const cached = given.cached === undefined ? input : micros(given.cached, '--cached')
  return { input, output: micros(given.output, '--output'), cached }
}

/** `5`, `0.50`, `200000tokens`, `none`: what bounds a turn or a day. Undefined leaves it. @throws SpoqError `usage`. */
export function limitOf(text: string | undefined, before: Limit, flag: string): Limit {
  if (text === undefined) return before
  if (text === 'none') return { costMicros: null, tokens: null }
  const [, tokens] = /^(\d+)\s*(?:tokens?|t)$/.exec(text) ?? []
  if (tokens !== undefined) return { ...before, tokens: Number(tokens) }
  return { ...before, costMicros: micros(text, flag) }
}

/** The budgets and what of the day's is used, a line each. */
export function budgetLines({ budget, today }: BudgetState): string {
  const unpriced = today.unpriced > 0 ? `, and ${today.unpriced} calls whose price is not known` : ''
  return [
    `A turn: ${limitText(budget.turn)}`,
    `A day (UTC): ${limitText(budget.day)}`,
    `Used today: ${dollars(today.costMicros)}, ${today.tokens} tokens${unpriced}`,
  ].join('\n')
}

function limitText({ costMicros, tokens }: Limit): string {
  const parts = [
    ...(costMicros === null ? [] : [dollars(costMicros)]),
    ...(tokens === null ? [] : [`${tokens} tokens`]),
  ]
  return parts.length > 0 ? parts.join(' and ') : 'no budget'
}

/** `$0.50`; small sums with four places. */
export const dollars = (amount: number) => `$${(amount / 1e6).toFixed(amount % 10_000 === 0 ? 2 : 4)}`

const usage = (message: string, next: string) => new SpoqError('usage', { message, next })
