import * as z from 'zod/mini'
import { publicKey } from '../device/device.ts'
import { tunnelOffer } from '../gateway/offer.ts'
import { instant, route } from '../http/index.ts'
import { loginId } from '../login/index.ts'
import { messageCount, messageLimits } from '../message/index.ts'
import { modelKey, vendor } from '../model/vendor.ts'
import { profileName } from '../profile/profile.ts'

/** What a machine's own backend alone may do there: no token of an account carries it. */
export const backendScope = 'machine:configure'

/** A key of the account, as its machines get it. */
export const pushedModelKey = z.object({ vendor, url: z.string(), key: modelKey })
export type PushedModelKey = z.infer<typeof pushedModelKey>

/** A profile with the keys of its devices. All come in as the machine's one user; what they may do there is the profile's. */
export const pushedProfile = z.object({
  name: profileName,
  isDefault: z.boolean(),
  mayForward: z.boolean(),
  mayTty: z.boolean(),
  /** `type base64` each. */
  keys: z.array(publicKey),
})
export type PushedProfile = z.infer<typeof pushedProfile>

/**
 * Who may use a machine, whole: what is not in it is no longer so. A later one has a higher number, so that a message that
 * comes late undoes nothing.
 */
export const accessSnapshot = z.object({
  number: z.number().check(z.int(), z.minimum(1)),
  /** The accounts whose tokens open the edge. */
  members: z.array(z.string()),
  /** Logins that were ended while tokens of theirs may live; they are refused until then. */
  revoked: z.array(z.object({ login: loginId, until: instant })),
  /** The same of personal access tokens and trusts. A backend from before there was this leaves it out. */
  revokedTokens: z._default(z.array(z.object({ credential: z.string(), until: instant })), []),
  /** The owner's keys for models, whole; left out: as they are. A machine seals them and tells them to nobody. */
  modelKeys: z.optional(z.array(pushedModelKey)),
  /** The gateway that it connects to from now on; null: to none; left out: as it is. */
  tunnel: z.optional(z.nullable(tunnelOffer)),
  /** Whole as well; left out: as they are. */
  profiles: z.optional(z.array(pushedProfile)),
  /** How many messages it may accept; left out: any number. */
  messages: z.optional(messageLimits),
})
export type AccessSnapshot = z.infer<typeof accessSnapshot>

export const accessHeld = z.object({
  /** The number of the snapshot that a machine goes by; 0: it was told none yet. */
  number: z.number().check(z.int(), z.minimum(0)),
  /** The messages that it accepted in each of the last months, the newest first. One from before there was this leaves it out. */
  messages: z._default(z.array(messageCount).check(z.maxLength(24)), []),
})
export type AccessHeld = z.infer<typeof accessHeld>

export const setAccess = route({
  method: 'put',
  path: '/api/access',
  summary: 'Tells a machine who may use it. The same snapshot sent again changes nothing.',
  caller: 'backend',
  scope: backendScope,
  body: accessSnapshot,
  status: 200,
  answer: accessHeld,
  errors: ['access_outdated'],
})

export const showAccess = route({
  method: 'get',
  path: '/api/access',
  summary: 'Says which snapshot a machine goes by, and how many messages it accepted.',
  caller: 'backend',
  scope: backendScope,
  status: 200,
  answer: accessHeld,
  errors: [],
})

/** Asked and done in one: what comes after a yes is refused until the machine was off, or is told its access anew. */
export const sleepMachine = route({
  method: 'post',
  path: '/api/sleep',
  summary: 'Has a machine take no more requests, unless it was used a short while ago or does something.',
  caller: 'backend',
  scope: backendScope,
  body: z.object({ idleMs: z.number().check(z.minimum(0)) }),
  status: 200,
  answer: z.object({
    asleep: z.boolean(),
    /** When it was used last. */
    activeAt: instant,
  }),
  errors: [],
})
