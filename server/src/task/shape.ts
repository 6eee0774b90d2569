import type { Snapshot } from '@spoq/contracts/snapshot'
import type { TaskRow } from './store.ts'

const states = { waiting: 'waiting', done: 'ready', failed: 'failed', removed: 'removing' } as const

/** The task of a snapshot as its owner sees it. */
export const toSnapshot = ({ id, argument, state, error_message, created_at }: TaskRow): Snapshot => ({
  id,
  name: argument,
  state: states[state],
  error: error_message,
  createdAt: created_at.toISOString(),
})
