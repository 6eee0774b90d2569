import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { chooseModel, type ModelChoice, type ModelInUse } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'

/** Chooses the machine's model. @throws SpoqError `model_failed`, `model_refused`: then the choice is as it was. */
export async function choose(target: Target, choice: ModelChoice): Promise<ModelInUse> {
  try {
    return await call(target, chooseModel, { body: choice })
  } catch (error) {
    if (!(error instanceof SpoqError) || !['model_failed', 'model_refused'].includes(error.code)) throw error
    const next = 'Check the name, --url and the key: spoq model list. The choice is as it was.'
    throw new SpoqError(error.code, { message: error.message, next, cause: error })
  }
}
