import * as z from 'zod/mini'
import { id, instant } from '../http/shape.ts'

export const snapshotId = id('task')

export const snapshotName = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$/, 'up to 60 letters, digits, spaces, dots and dashes'))

/** The disk of a machine as it was, kept by its provider. */
export const snapshot = z.object({
  id: snapshotId,
  name: z.string(),
  /** `waiting`: it is being taken, or waits until the machine is at rest. */
  state: z.enum(['waiting', 'ready', 'failed', 'removing']),
  error: z.nullable(z.string()),
  createdAt: instant,
})
export type Snapshot = z.infer<typeof snapshot>
