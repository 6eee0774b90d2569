import type { Operation } from '../access/operations.ts'
import type { Known } from './request.ts'

/** What requests are made up for. */
export interface Target {
  url: string
  /** The unix socket that it answers at, where it is one. */
  socket?: string
  operations: Operation[]
  /** What can be named from now on; it is asked before each window. */
  known(): Promise<Known>
  /** Called before each request. */
  step?(): void
  /** Faults that it logged itself, and what it was caught at. */
  logged: string[]
}
