// A call of the model with its money set aside before, and counted also when it breaks off.

import type { estimateOf, Model } from '../model/index.ts'
import type { Purse } from './purse.ts'
import { type Step, type Stepped, step } from './step.ts'

/** `bounded`: it was ended by what the budget had left. */
type Paid = Stepped & { model: Model; bounded: boolean }

/**
 * Calls the model once.
 * @param most that it may answer, in tokens, when that is less than what the budget has left.
 * @throws what `step` does; SpoqError `budget_spent`, `price_unknown`.
 */
export async function paidStep(
  purse: Purse,
  asked: Omit<Step, 'maxOutputTokens'>,
  estimate: ReturnType<typeof estimateOf>,
  most: number | null = null,
): Promise<Paid> {
  const { model } = asked
  const paid = purse.open(model, estimate)
  let answered = ''
  const onText = (piece: string) => {
    answered += piece
    asked.onText(piece)
  }
  const maxOutputTokens = most === null ? paid.room : Math.min(paid.room ?? most, most)
  try {
    const said = await step({ ...asked, onText, maxOutputTokens })
    return { ...said, model, bounded: said.atBound && paid.room !== null && maxOutputTokens === paid.room }
  } catch (error) {
    // What was answered before it broke off has been paid for, and nobody told how much.
    if (answered !== '') purse.lost(model, estimate, answered)
    throw error
  } finally {
    paid.close()
  }
}
