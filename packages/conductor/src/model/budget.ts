// Budgets: what a turn and what a day may use. They are looked at before a call, by an estimate, and after it.

import type { Budget, Limit } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import type { Model } from './model.ts'
import { type Spent, sumOf } from './spending.ts'

export interface Used {
  turn: Spent
  day: Spent
}

/** Less than that is no answer. */
const leastOutputTokens = 16
/**
 * A model refuses a bound beyond its own, and nearly all have at least this. With more room than that a call is not
 * bounded: a budget can be passed by what one answer has beyond it.
 */
const largestBound = 8192

/**
 * What a call may still answer, in tokens; null when nothing bounds it.
 * @param estimate of what goes in.
 * @throws SpoqError `budget_spent` when there is no room for the call; `price_unknown` when nobody can tell.
 */
export function room(budget: Budget, used: Used, model: Model, estimate: Spent): number | null {
  const rooms = kinds.map(kind => {
    const limit = budget[kind]
    if (limit.costMicros !== null && !model.free && !model.price) throw priceUnknown(model.name)
    const after = sumOf([used[kind], estimate])
    const left = outputLeft(limit, after, model)
    if (left < leastOutputTokens) throw spent(kind, limit, used[kind])
    return left
  })
  const least = Math.min(...rooms)
  return least <= largestBound ? least : null
}

/** Says that a budget is used up; null while there is some of it left. */
export function overBudget(budget: Budget, used: Used): SpoqError | null {
  const over = kinds.find(kind => isOver(budget[kind], used[kind]))
  return over ? spent(over, budget[over], used[over]) : null
}

const kinds = ['turn', 'day'] as const

const isOver = ({ costMicros, tokens }: Limit, used: Spent) =>
  (costMicros !== null && used.costMicros >= costMicros) || (tokens !== null && used.tokens >= tokens)

function outputLeft({ costMicros, tokens }: Limit, after: Spent, { price, free }: Model): number {
  const byTokens = tokens === null ? Number.POSITIVE_INFINITY : tokens - after.tokens
  const dear = Math.max(price?.output ?? 0, price?.above?.output ?? 0)
  if (costMicros === null || free) return byTokens
  const money = costMicros - after.costMicros
  const byMoney = dear === 0 ? (money > 0 ? Number.POSITIVE_INFINITY : 0) : Math.floor((money * 1e6) / dear)
  return Math.min(byTokens, byMoney)
}

function spent(kind: 'turn' | 'day', limit: Limit, used: Spent): SpoqError {
  const what = kind === 'turn' ? 'The budget of a turn' : "The day's budget"
  const bounds = [
    ...(limit.costMicros === null ? [] : [`$${dollars(used.costMicros)} of $${dollars(limit.costMicros)}`]),
    ...(limit.tokens === null ? [] : [`${used.tokens} of ${limit.tokens} tokens`]),
  ]
  const until = kind === 'day' ? ', or wait for midnight UTC' : ''
  return new SpoqError('budget_spent', {
    message: `${what} is spent: ${bounds.join(', ')}, and the next call needs more than is left.`,
    next: `Raise it: spoq model budget set --${kind} AMOUNT${until}. What was answered is kept: ask with --continue.`,
  })
}

const dollars = (micros: number) => (micros / 1e6).toFixed(micros % 10_000 === 0 ? 2 : 4)

function priceUnknown(name: string): SpoqError {
  return new SpoqError('price_unknown', {
    message: `There is a budget in dollars, and the price of ${name} is not known.`,
    next: `Set it: spoq model price ${name} --input DOLLARS --output DOLLARS (a million tokens), or a budget in tokens.`,
  })
}
