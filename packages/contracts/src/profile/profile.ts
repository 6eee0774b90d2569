import * as z from 'zod/mini'
import { id, instant } from '../http/shape.ts'
import { machineId } from '../machine/machine.ts'

export const profileId = id('prof')

/** A login name. It is written as those of a Unix system, and is none there: all come in as the machine's one user. */
export const profileName = z
  .string()
  .check(
    z.regex(/^[a-z][a-z0-9_-]{0,31}$/, 'a name has 1 to 32 small letters, digits, - and _, and begins with a letter'),
  )

/** What those who come in by it may do beside running commands. */
const may = {
  /** Forward ports and an agent. */
  mayForward: z.boolean(),
  /** Have a terminal. */
  mayTty: z.boolean(),
}

/** A login name on a machine: `ssh MACHINE+NAME@HOST`; without a name it is the default one. */
export const profile = z.object({
  id: profileId,
  machine: machineId,
  machineName: z.string(),
  name: profileName,
  isDefault: z.boolean(),
  ...may,
  createdAt: instant,
})
export type Profile = z.infer<typeof profile>

export const newProfile = z.object({
  machine: machineId,
  name: profileName,
  mayForward: z._default(z.boolean(), false),
  mayTty: z._default(z.boolean(), true),
})

export const profileChange = z.object({ mayForward: z.optional(z.boolean()), mayTty: z.optional(z.boolean()) })
