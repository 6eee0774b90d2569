// Of more devices than a plan has room for, as after it became a smaller one, the oldest have it. The others wait, and nothing of
// them is lost: they come in again once there is room.

import type { Plan } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import { assertWithin } from '../plan/limit.ts'
import type { NamedDevice } from './store.ts'

type Ranked = Pick<NamedDevice, 'older_of_account' | 'older_of_profile'>

export function roomIn(plan: Plan, device: Ranked): boolean {
  try {
    assertRoom(plan, device)
    return true
  } catch (error) {
    if (error instanceof SpoqError && error.code === 'plan_limit') return false
    throw error
  }
}

/** @throws SpoqError `plan_limit`, with the plan that has room. */
export function assertRoom(plan: Plan, { older_of_account, older_of_profile }: Ranked): void {
  assertWithin(plan, { limit: 'devicesPerProfile', count: older_of_profile + 1 })
  assertWithin(plan, { limit: 'devices', count: older_of_account + 1 })
}
