import { creditTokenPrefix } from '@spoq/contracts/model-credit'
import type { Model } from './model.ts'

/** Whether its calls are paid from Spoq credit. */
export const isOnCredit = ({ secret }: Pick<Model, 'secret'>): boolean => secret?.startsWith(creditTokenPrefix) ?? false
