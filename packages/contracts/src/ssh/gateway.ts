import * as z from 'zod/mini'
import { route } from '../http/index.ts'
import { ed25519Key } from './ssh.ts'

/** A host and a port. It goes into ssh's own files: no space, quote or sign that means something there. */
const sshPlace = z.object({
  host: z.string().check(z.regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9a-fA-F:]{2,39})$/)),
  port: z.number().check(z.int(), z.minimum(1), z.maximum(65_535)),
})
export type SshPlace = z.infer<typeof sshPlace>

/** Where people come in over SSH. */
export const sshGateway = z.extend(sshPlace, {
  /** Where they come in as well, for when nobody answers there. */
  others: z._default(z.array(sshPlace).check(z.maxLength(15)), []),
  /** Whoever answers at any of them has one of these. */
  hostKeys: z.array(ed25519Key).check(z.minLength(1), z.maxLength(64)),
})
export type SshGateway = z.infer<typeof sshGateway>

export const showSshGateway = route({
  method: 'get',
  path: '/api/gateway/ssh',
  summary: 'Says where people come in over SSH, and by which host keys that place is known.',
  caller: 'account',
  scope: 'machine:read',
  status: 200,
  /** Null: this server has no such place. */
  answer: z.object({ gateway: z.nullable(sshGateway) }),
  errors: [],
})
