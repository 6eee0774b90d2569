import * as z from 'zod/mini'
import { id, instant } from '../http/shape.ts'
import { loginId } from '../login/index.ts'
import { machineId } from '../machine/machine.ts'
import { profileId, profileName } from '../profile/profile.ts'

export const deviceId = id('dev')

/** What the person calls it: `alice@laptop`. */
export const deviceName = z
  .string()
  .check(z.regex(/^\w[\w .@/-]{0,63}$/, 'a name has 1 to 64 letters, digits, spaces and . @ / _ -'))

/** `type base64`: whoever takes one checks it with the kit's `ssh-key`. */
export const publicKey = z.string().check(z.maxLength(16_384))

/** The handle that a key was found under: `sshid:oaftobark`, `github:alice`. */
export const keySource = z.string().check(z.regex(/^(?:sshid|github):[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/))

/** An SSH public key that may use a profile. */
export const device = z.object({
  id: deviceId,
  name: deviceName,
  machine: machineId,
  machineName: z.string(),
  profile: profileId,
  profileName,
  type: z.string(),
  fingerprint: z.string(),
  key: publicKey,
  /** Null: it was given by itself. */
  source: z.nullable(keySource),
  /** The login of the computer that the key is on; null where that is not known. */
  login: z.nullable(loginId),
  /** `pending`: nobody has signed in with it yet. `frozen`: the plan has room for fewer, and older ones have it. */
  state: z.enum(['pending', 'proven', 'frozen']),
  lastUsedAt: z.nullable(instant),
  /** The address it was used from last. */
  lastUsedFrom: z.nullable(z.string()),
  createdAt: instant,
})
export type Device = z.infer<typeof device>

export const newDevices = z.object({
  profile: profileId,
  keys: z.array(z.object({ key: publicKey, name: deviceName })).check(z.minLength(1), z.maxLength(100)),
  source: z.optional(keySource),
  /** The keys are on the computer whose login asks: `lost` ends both together. */
  isHere: z._default(z.boolean(), false),
})
