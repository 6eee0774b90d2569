// How a server is reached: its name is looked up once, and what is judged is the address that is connected to.

import { isIP } from 'node:net'
import { SpoqError } from '@spoq/contracts/problem'
import { isPublic } from '@spoq/kit/public-fetch'
import type { SshTarget } from '@spoq/kit/ssh-job'
import { open } from '../secret/open.ts'
import { type ConnectionPorts, secretOf } from './ports.ts'
import type { ConnectionRow } from './store.ts'

/** How long a server may take to let us in, in ms. */
const readyMs = 15_000

/**
 * With its key, and its host key pinned where that was confirmed.
 * @param secret which of its keys, by the secret's id; default: the one that it has.
 * @throws SpoqError `address_refused`, `unavailable` when the key service does not answer.
 */
export async function reach(ports: ConnectionPorts, row: ConnectionRow, secret = row.secret_id): Promise<SshTarget> {
  const host = await addressOf(ports, row.address)
  const privateKey = await open(ports, secret, secretOf(row))
  if (privateKey === null) throw new SpoqError('internal', { message: 'The key of the connection is gone.' })
  const { port, login_name: user, host_key: hostKey } = row
  return { host, port, user, privateKey, hostKey, asRoot: true, readyMs }
}

/** @throws SpoqError `address_refused` for what is none, or none that this backend connects to. */
export async function addressOf({ resolve, anyAddress }: ConnectionPorts, address: string): Promise<string> {
  const found = isIP(address) > 0 ? [{ address }] : await resolve(address).catch(() => [])
  const [first] = found
  if (!first) throw refused(`${address} is not known: there is no address of that name.`)
  if (anyAddress || found.every(one => isPublic(one.address))) return first.address
  throw refused(`${address} is no address of the public internet.`)
}

const refused = (message: string) => new SpoqError('address_refused', { message })
