import type { Machine } from '@spoq/contracts/machine'

/** Whether a machine is off for no other reason than that nobody used it, or is coming up from that. */
export const isAsleep = ({
  state,
  wanted,
  holds,
}: Pick<Machine, 'state'> & Partial<Pick<Machine, 'wanted' | 'holds'>>) =>
  state === 'suspended' && wanted === 'running' && (holds ?? []).every(hold => hold === 'idle')
