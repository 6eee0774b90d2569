import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { fingerprintOf } from './fingerprint.ts'
import { assertFree, ownConnection } from './owner.ts'
import type { ConnectionPorts } from './ports.ts'
import { probeRow } from './probe.ts'
import { changeConnection, lockConnection } from './store.ts'

/** Writes, in the transaction that makes a machine, that the server is it. */
export type Bind = (trx: Transaction<Tables>, machine: string) => Promise<void>

/**
 * Looks whether a server can become a machine: it lets us in, and its host key is the one that its owner confirmed.
 * @throws SpoqError `connection_not_found`, `connection_in_use`, `connection_unready`, `host_key_changed`,
 * `address_refused`, `rate_limited`.
 */
export async function claim(ports: ConnectionPorts, account: string, id: string, confirmed: string): Promise<Bind> {
  const row = await ownConnection(ports.db, account, id)
  await assertFree(ports.db, row)
  ports.count(account)
  const { probe, hostKey } = await probeRow(ports, row)
  if (hostKey !== null && fingerprintOf(hostKey) !== confirmed)
    throw new SpoqError('host_key_changed', {
      message: `The server has the fingerprint ${fingerprintOf(hostKey)} and not ${confirmed}: it is another server, or somebody stands in between.`,
    })
  if (probe.state !== 'ready' || hostKey === null)
    throw new SpoqError('connection_unready', probe.reason === null ? {} : { message: probe.reason })
  return async (trx, machine) => {
    const now = await lockConnection(trx, id)
    if (!now) throw new SpoqError('connection_not_found')
    await assertFree(trx, now)
    await changeConnection(trx, id, { machine_id: machine, host_key: hostKey, cleaned_at: null })
  }
}
