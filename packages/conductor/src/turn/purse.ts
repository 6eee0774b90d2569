// What a turn may still spend, by the budgets of the turn and of the day.

import type { Usage } from '@spoq/contracts/session'
import { type Call, costOf, estimateOf, type Model, overBudget, room, spentBy } from '../model/index.ts'
import { isCall, type TurnEvent } from './event.ts'
import type { Workshop } from './workshop.ts'

export interface Purse {
  /**
   * Sets money aside for a call; `room` is what it may answer, in tokens, and null without a bound.
   * @throws SpoqError `budget_spent`, `price_unknown`.
   */
  open(model: Model, estimate: ReturnType<typeof estimateOf>): { room: number | null; close(): void }
  /** @throws SpoqError `budget_spent` when nothing is left after this step. */
  assertLeft(usage: Usage, costMicros: number | null): void
  /** Counts a call that broke off, by what it had answered. */
  lost(model: Model, estimate: ReturnType<typeof estimateOf>, answered: string): void
}

/** @param events of the session, up to this step. */
export function purseOf({ spending, budget }: Workshop, events: readonly TurnEvent[], turn: string): Purse {
  const before = events.flatMap(({ body, turn: of }): Call[] => (of === turn && isCall(body) ? [body] : []))
  const used = (more: Call[] = []) => ({ turn: spentBy([...before, ...more]), day: spending.today() })
  return {
    open: (model, estimate) => {
      const left = room(budget(), used(), model, estimate)
      return { room: left, close: spending.reserve(estimate) }
    },
    assertLeft: (usage, costMicros) => {
      const over = overBudget(budget(), used([{ usage, costMicros }]))
      if (over) throw over
    },
    lost: (model, estimate, answered) => {
      const outputTokens = estimateOf(answered, null).tokens
      const usage = { inputTokens: estimate.tokens, outputTokens }
      spending.record({ usage, model: model.name, costMicros: costOf(model.price, usage) })
    },
  }
}
