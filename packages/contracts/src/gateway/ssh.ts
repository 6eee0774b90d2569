// SSH through a gateway: what it asks about each session, over the backend's private socket.

import * as z from 'zod/mini'
import { id, nothing, route } from '../http/index.ts'
import { machineId, machineName } from '../machine/machine.ts'
import { ed25519Key } from '../ssh/ssh.ts'

const gatewayId = z.string().check(z.regex(/^[\w-]{1,64}$/))
const count = z.number().check(z.int(), z.minimum(0))
export const sshSessionId = id('ssh')
export const sshQuestionId = id('sshq')

/** How a gateway comes to a machine: over its tunnel, or to its own address on this computer. */
const sshWay = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tunnel') }),
  z.object({ kind: z.literal('edge'), endpoint: z.string() }),
])
export type SshWay = z.infer<typeof sshWay>

export const announceSsh = route({
  method: 'put',
  path: '/gateway/ssh',
  summary: 'Tells the keys of a gateway: whom people expect there, and whose certificates machines take.',
  caller: 'gateway',
  body: z.object({ gateway: gatewayId, hostKey: ed25519Key, authority: ed25519Key }),
  status: 204,
  answer: nothing,
  errors: [],
})

/** Where somebody who was let in is led, and what they may there. */
const sshEntry = z.object({
  session: sshSessionId,
  account: z.string(),
  machine: machineId,
  /** By what they came in: a device, or for a question the login that was made of its answer. */
  credential: z.string(),
  /** As whom, and behind which host key. */
  user: z.string(),
  hostKey: ed25519Key,
  mayForward: z.boolean(),
  mayTty: z.boolean(),
  way: sshWay,
})
export type SshEntry = z.infer<typeof sshEntry>

/** Whom somebody wants in to, and from where. */
const sshWish = {
  gateway: gatewayId,
  name: machineName,
  /** Empty: the usual one. */
  profile: z.string().check(z.maxLength(64)),
  /** Where it came from. */
  address: z.string().check(z.maxLength(64)),
}

/** The same answer, and after the same steps, for a name that is nobody's and for a key that may not. */
export const enterBySsh = route({
  method: 'post',
  path: '/gateway/ssh/sessions',
  summary: 'Somebody signed with a key: says where that leads, and begins a session.',
  caller: 'gateway',
  body: z.object({
    ...sshWish,
    /** The public key's blob, in base64. */
    key: z.string().check(z.maxLength(8_192)),
  }),
  status: 201,
  answer: sshEntry,
  errors: ['not_found', 'machine_away', 'machine_unreachable', 'sshd_missing', 'ssh_full'],
})

/** The same answer, and after the same steps, for a name that is nobody's: that question is never answered. */
export const askBySsh = route({
  method: 'post',
  path: '/gateway/ssh/questions',
  summary: 'Somebody has no key: says by which words, and on which page, the owner of the machine lets them in.',
  caller: 'gateway',
  body: z.object(sshWish),
  status: 201,
  answer: z.object({ question: sshQuestionId, words: z.string(), page: z.string(), seconds: count }),
  errors: ['rate_limited'],
})

export const enterByAnswer = route({
  method: 'post',
  path: '/gateway/ssh/questions/{question}/enter',
  summary: 'Begins the session of a question once the owner said yes: each question has one.',
  caller: 'gateway',
  params: z.object({ question: sshQuestionId }),
  body: z.object({ gateway: gatewayId }),
  status: 200,
  /** Null: nobody has decided yet. */
  answer: z.object({ entry: z.nullable(sshEntry) }),
  errors: ['code_expired', 'machine_away', 'machine_unreachable', 'sshd_missing', 'ssh_full'],
})

export const dropQuestion = route({
  method: 'delete',
  path: '/gateway/ssh/questions/{question}',
  summary: 'Whoever asked went away: nobody is let in by that question any more.',
  caller: 'gateway',
  params: z.object({ question: sshQuestionId }),
  status: 204,
  answer: nothing,
  errors: [],
})

export const endSsh = route({
  method: 'post',
  path: '/gateway/ssh/sessions/{session}/end',
  summary: 'A session has ended. Told again it changes nothing.',
  caller: 'gateway',
  params: z.object({ session: sshSessionId }),
  body: z.object({
    reason: z.string().check(z.maxLength(200)),
    /** What was opened: `shell`, `exec`, `sftp`, `forward`. */
    kinds: z.array(z.string().check(z.maxLength(32))).check(z.maxLength(16)),
    bytesIn: count,
    bytesOut: count,
  }),
  status: 204,
  answer: nothing,
  errors: [],
})

/** All of them each time, so that one that a dead gateway had is known to be over. */
export const reportSsh = route({
  method: 'put',
  path: '/gateway/ssh/sessions',
  summary: 'Tells which sessions a gateway has; answers which of them may no longer be.',
  caller: 'gateway',
  body: z.object({ gateway: gatewayId, sessions: z.array(sshSessionId) }),
  status: 200,
  answer: z.object({ cut: z.array(sshSessionId) }),
  errors: [],
})
