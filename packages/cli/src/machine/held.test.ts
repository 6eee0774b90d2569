import { expect, test } from 'vitest'
import { holdsInWords, nextOfHolds } from './held.ts'

test('the worst of what holds a machine says what to do', () => {
  expect(nextOfHolds([])).toBeUndefined()
  expect(nextOfHolds(['idle', 'past_due'])).toContain('spoq subscription show')
  expect(nextOfHolds(['past_due', 'abuse'])).toContain('whoever runs')
  expect(holdsInWords({ holds: ['balance', 'ending'] })).toBe(
    'balance: the prepaid credit is used up; ending: it is about to end',
  )
})
