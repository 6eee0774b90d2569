import type { Connection } from '@spoq/contracts/connection'
import { SpoqError } from '@spoq/contracts/problem'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { newId } from '../db/new-id.ts'
import { seal } from '../secret/seal.ts'
import { newKeyPair } from './key-pair.ts'
import { type ConnectionPorts, secretOf } from './ports.ts'
import { addressOf } from './reach.ts'
import { toConnection } from './shape.ts'
import { findAt, findConnection, insertConnection, listOwned } from './store.ts'

/** Connections that one account may have. */
const mostConnections = 20

/**
 * Makes a way to a server: a key pair for it alone, whose private part nobody is shown. Repeated it answers the same.
 * @throws SpoqError `provider_unknown`, `address_refused`, `connection_limit`, `unavailable`.
 */
export async function create(
  ports: ConnectionPorts,
  asker: Asker,
  { address, port, user }: { address: string; port: number; user: string },
): Promise<Connection> {
  const { db, now } = ports
  if (!ports.isOffered) throw notOffered()
  const place = { account_id: asker.account, address: address.toLowerCase(), port, login_name: user }
  const before = await findAt(db, place)
  if (before) return toConnection(before)
  await addressOf(ports, place.address)
  if ((await listOwned(db, asker.account)).length >= mostConnections)
    throw new SpoqError('connection_limit', { message: `An account has ${mostConnections} connections at most.` })
  const id = newId('conn')
  const pair = newKeyPair(id)
  const made = { ...place, id, public_key: pair.public, created_at: new Date(now()) }
  try {
    await seal(ports, { ...secretOf(made), text: pair.private }, async (trx, secret_id) => {
      if (!(await insertConnection(trx, { ...made, secret_id }))) throw new Twin()
      const reason = `${user}@${place.address}:${port}`
      await record(trx, { ...askedBy(asker), action: 'connection.create', resource: id, reason }, now())
    })
  } catch (error) {
    if (!(error instanceof Twin)) throw error
  }
  const row = (await findConnection(db, id)) ?? (await findAt(db, place))
  if (!row) throw new SpoqError('connection_not_found')
  return toConnection(row)
}

/** The same was asked for twice at once. */
class Twin extends Error {}

const notOffered = () =>
  new SpoqError('provider_unknown', {
    message: 'This server makes no machines of servers: it has no domain for their names.',
    next: 'Whoever runs it sets MACHINE_DOMAIN.',
  })
