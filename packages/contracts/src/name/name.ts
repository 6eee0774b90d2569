import * as z from 'zod/mini'
import { machineName } from '../machine/machine.ts'

export const nameCheck = z.object({
  name: machineName,
  free: z.boolean(),
  /** `quarantined`: it was another's until less than 30 days ago. Null when it is free. */
  why: z.nullable(z.enum(['taken', 'reserved', 'quarantined'])),
})
export type NameCheck = z.infer<typeof nameCheck>
