// What the functions of the database answer, and the errors of it.

import { SpoqError } from '@spoq/contracts/problem'
import { dollars } from './money.ts'

/** Amounts are text: in JSON a number is none above 2^53. */
export type Refusal =
  | { refused: 'credit_short'; account: string; there: string; needed: string }
  | { refused: Exclude<keyof typeof words, 'credit_short'> }

const words = {
  credit_short: 'the credit is too small',
  key_reused: 'the key was used for something else',
  already_reversed: 'it is reversed already',
  hold_ended: 'the hold is over',
  hold_elsewhere: 'the hold is of an account that is not in the lines',
  tx_unknown: 'there is no such transaction',
  account_unknown: 'there is no such account, or nothing can be held there',
  account_twice: 'an account may be in one line alone',
  unbalanced: 'the lines do not sum up to 0',
  too_large: 'the balance would be too large',
} as const

/** The error that a refusal is for whoever asked. */
export function errorOf(refusal: Refusal): SpoqError {
  switch (refusal.refused) {
    case 'credit_short': {
      const [there, needed] = [dollars(BigInt(refusal.there)), dollars(BigInt(refusal.needed))]
      return new SpoqError('credit_short', { message: `There is ${there} of credit, and ${needed} is needed.` })
    }
    case 'key_reused':
      return new SpoqError('idempotency_mismatch')
    case 'already_reversed':
    case 'hold_ended':
      return new SpoqError(refusal.refused)
    case 'tx_unknown':
      return new SpoqError('not_found', { message: 'There is no such transaction in the ledger.' })
    default:
      return new SpoqError('invalid_request', { message: `The ledger: ${words[refusal.refused]}.` })
  }
}

export function unlessRefused<Answer extends object>(answer: Answer | Refusal): Answer {
  if ('refused' in answer) throw errorOf(answer)
  return answer
}
