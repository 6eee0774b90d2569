// Of more devices than a plan has room for, as after it became a smaller one, the oldest have it. The others wait, and nothing of
// them is lost: they come in again once there is room.

import type { Plan } from '@spoq/contracts/plan'
import { assertWithin, isWithin, type Wish } from '../plan/limit.ts'
import type { NamedDevice } from './store.ts'

type Ranked = Pick<NamedDevice, 'older_of_account' | 'older_of_profile'>

export const roomIn = (plan: Plan, device: Ranked): boolean => wishesOf(device).every(wish => isWithin(plan, wish))

/** @throws SpoqError `plan_limit`, with the plan that has room. */
export function assertRoom(plan: Plan, device: Ranked): void {
  for (const wish of wishesOf(device)) assertWithin(plan, wish)
}

const wishesOf = ({ older_of_account, older_of_profile }: Ranked): Wish[] => [
  { limit: 'devicesPerProfile', count: older_of_profile + 1 },
  { limit: 'devices', count: older_of_account + 1 },
]
