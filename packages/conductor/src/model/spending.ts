// What the models have used, counted from the log: a restart forgets nothing.

import type { Usage } from '@spoq/contracts/session'
import type { Database, EventLog } from '../log/index.ts'

/** Calls, tokens and money of a time or of a turn. */
export interface Spent {
  costMicros: number
  tokens: number
  /** Calls whose price was not known. */
  unpriced: number
}

/** One call as it stands in the log: in `step.done` of a turn or by itself, or in `context.compacted`. */
export interface Call {
  usage: Usage
  model?: string | undefined
  costMicros?: number | null | undefined
}

export interface Spending {
  /** All of the day (UTC) so far, calls that still run included by their estimates. */
  today(): Spent
  /** Writes a call down that belongs to no step of a turn. */
  record(call: Call): void
  /** Counts an estimate until it is released, so that calls at the same time do not pass a budget together. */
  reserve(spent: Spent): () => void
}

/** The events that tell of one call of a model each; written as the index of the log has it. */
const isCall = "json_extract(body, '$.type') IN ('step.done', 'context.compacted')"

/** The stream of the log for calls outside of turns. */
const stream = 'model-calls'

export function spendingOf({ sql }: Database, log: EventLog, now: () => number): Spending {
  const select = sql.prepare(`SELECT body FROM event INDEXED BY model_call WHERE ${isCall} AND at >= ?`)
  const running = new Set<Spent>()
  return {
    today: () => {
      const midnight = `${new Date(now()).toISOString().slice(0, 10)}T00:00:00.000Z`
      const calls = select.all(midnight).map(row => JSON.parse(String(row.body)) as Call)
      return sumOf([...calls.map(spentOf), ...running])
    },
    record: call => void log.append(stream, null, [{ type: 'step.done', ...call }]),
    reserve: spent => {
      running.add(spent)
      return () => void running.delete(spent)
    },
  }
}

/** What calls used together. */
export const spentBy = (calls: readonly Call[]) => sumOf(calls.map(spentOf))

function spentOf({ usage, costMicros }: Call): Spent {
  const tokens = usage.inputTokens + usage.outputTokens
  return { costMicros: costMicros ?? 0, tokens, unpriced: costMicros == null ? 1 : 0 }
}

export function sumOf(all: readonly Spent[]): Spent {
  const sum = { costMicros: 0, tokens: 0, unpriced: 0 }
  for (const { costMicros, tokens, unpriced } of all) {
    sum.costMicros += costMicros
    sum.tokens += tokens
    sum.unpriced += unpriced
  }
  return sum
}
