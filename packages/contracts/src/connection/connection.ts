import * as z from 'zod/mini'
import { id, instant } from '../http/shape.ts'
import { machineId } from '../machine/machine.ts'

export const connectionId = id('conn')

/** A name in the DNS, or an IP address. */
export const serverAddress = z
  .string()
  .check(z.regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}$/, 'a host name or an IP address is needed'))

/** A login name on the server. */
export const serverUser = z.string().check(z.regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'a login name is needed'))

/** Of an SSH host key, as `ssh-keygen -lf` shows it. */
export const fingerprint = z
  .string()
  .check(z.regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'a fingerprint such as SHA256:… is needed'))

/** A way to a server of the owner's: where it is, and the SSH key that was made for it alone. */
export const connection = z.object({
  id: connectionId,
  address: serverAddress,
  port: z.number(),
  user: serverUser,
  /** To be pasted on the server, in any shell: it adds the key, and may be run again. */
  line: z.string(),
  publicKey: z.string(),
  /** Of the host key that the owner confirmed; null before. */
  fingerprint: z.nullable(fingerprint),
  /** The machine that the server is, or was last; null while it never was one. */
  machine: z.nullable(machineId),
  createdAt: instant,
})
export type Connection = z.infer<typeof connection>

/** How the server looks from here just now. */
export const probe = z.object({
  /** `key_missing`: the line was not pasted yet. `unfit`: we get in, and it cannot become a machine: `reason`. */
  state: z.enum(['ready', 'key_missing', 'unfit', 'unreachable']),
  /** Of the host key that it has now; null when it was not reached. */
  fingerprint: z.nullable(fingerprint),
  /** `debian 12`; null when nobody was let in. */
  system: z.nullable(z.string()),
  /** In one line for the owner; null when it is ready. */
  reason: z.nullable(z.string()),
})
export type Probe = z.infer<typeof probe>
