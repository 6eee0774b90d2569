import type { Standing } from '@spoq/contracts/credit'

/** How far credit reaches; both in micro-units. A day is paid when it is over: less than a day's worth is for none. */
export function standing(available: bigint, dailyMicros: bigint): Standing {
  if (dailyMicros <= 0n) return 'ok'
  if (available < dailyMicros) return 'empty'
  if (available < 2n * dailyMicros) return 'day'
  return available <= 7n * dailyMicros ? 'week' : 'ok'
}

const order: readonly Standing[] = ['ok', 'week', 'day', 'empty']

/** Whether it reaches less far than before. */
export const isWorse = (before: Standing, after: Standing): boolean => order.indexOf(after) > order.indexOf(before)
