import type { Hold } from '@spoq/contracts/machine'

/** The holds of a machine that no longer sleeps, as a row takes them. */
export const awake = (holds: readonly Hold[]): string => JSON.stringify(holds.filter(one => one !== 'idle'))
