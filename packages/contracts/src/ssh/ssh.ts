// SSH on a machine that has no sshd of its own: its Conductor starts one for each connection.

import * as z from 'zod/mini'
import { backendScope } from '../access/access.ts'
import { route } from '../http/index.ts'

/** An ed25519 public key, `type base64`. */
export const ed25519Key = z.string().check(z.regex(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}$/))

/** By this name a gateway opens a connection to the machine's sshd, through a tunnel, or as a protocol at its edge. */
export const sshProtocol = 'spoq-ssh'

export const prepareSsh = route({
  method: 'put',
  path: '/api/ssh',
  summary: 'Tells a machine whose certificates its sshd takes, and no others; answers whom to expect there.',
  caller: 'backend',
  scope: backendScope,
  body: z.object({
    /** Of the gateways, whole. */
    authorities: z.array(ed25519Key).check(z.maxLength(16)),
  }),
  status: 200,
  answer: z.object({
    hostKey: ed25519Key,
    /** The only one it lets in; a certificate names the machine. */
    user: z.string(),
  }),
  errors: ['sshd_missing'],
})
