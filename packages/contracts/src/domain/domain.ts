import * as z from 'zod/mini'
import { instant } from '../http/shape.ts'
import { machineId } from '../machine/machine.ts'

/** A name in the DNS, in small ASCII letters (others as `xn--`), two labels at least. */
export const domainName = z
  .string()
  .check(
    z.maxLength(253, 'a domain has 253 characters at most'),
    z.regex(
      /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/,
      'a domain such as app.example.com is needed, in small letters',
    ),
  )

/** A domain of the owner's that leads to a machine. */
export const domain = z.object({
  domain: domainName,
  machine: machineId,
  /** `waiting`: its proof was not seen yet. `frozen`: it was, and leads nowhere until the plan has domains again. */
  state: z.enum(['waiting', 'verified', 'frozen']),
  /** What has to stand in its DNS: a TXT record of this name with this value. */
  proof: z.object({ name: z.string(), value: z.string() }),
  /** Where the owner points it, by a CNAME: the gateway, which leads to the machine. Null: there is none. */
  target: z.nullable(z.string()),
  createdAt: instant,
  verifiedAt: z.nullable(instant),
})
export type Domain = z.infer<typeof domain>
