// A new key in the place of the one before. There is at each moment one that opens the server, and the row knows which.

import type { Connection } from '@spoq/contracts/connection'
import { SpoqError } from '@spoq/contracts/problem'
import { addAuthorizedKey, connect, removeAuthorizedKey, SshFailed } from '@spoq/kit/ssh-job'
import type { NewRecord } from '../audit/record.ts'
import { record } from '../audit/record.ts'
import { remove as removeSecret } from '../secret/remove.ts'
import { seal } from '../secret/seal.ts'
import { newKeyPair } from './key-pair.ts'
import { type ConnectionPorts, secretOf } from './ports.ts'
import { reach } from './reach.ts'
import { toConnection } from './shape.ts'
import { type ConnectionRow, changeConnection, findConnection, lockConnection } from './store.ts'

/**
 * Makes a new key, lets it in with the one that is there, comes in with it, and takes the one before away. Cut off anywhere
 * it goes on from there.
 * @throws SpoqError `connection_not_found`, `connection_unready`, `host_key_changed`, `address_refused`, `unavailable`.
 */
export async function rotate(
  ports: ConnectionPorts,
  id: string,
  by: Pick<NewRecord, 'actor' | 'requestId' | 'credential'>,
): Promise<Connection> {
  try {
    let row = await withNext(ports, id)
    // A last word on one that was not finished: its old key goes first, or it would be forgotten.
    if (row.old_public_key !== null) row = await forgetOld(ports, row)
    await letIn(ports, row)
    row = await takeNext(ports, row, by)
    return toConnection(await forgetOld(ports, row))
  } catch (error) {
    throw error instanceof SshFailed ? refusal(error) : error
  }
}

async function current({ db }: ConnectionPorts, id: string): Promise<ConnectionRow> {
  const row = await findConnection(db, id)
  if (!row) throw new SpoqError('connection_not_found')
  if (row.host_key === null)
    throw new SpoqError('connection_unready', {
      message: 'Nobody has confirmed yet which server this is.',
      next: `Make a machine of it first: spoq provision --provider byo --connection ${id}.`,
    })
  return row
}

/** With the pair that is to come; one that was begun before is taken up. */
async function withNext(ports: ConnectionPorts, id: string): Promise<ConnectionRow> {
  const row = await current(ports, id)
  if (row.next_secret_id !== null) return row
  const pair = newKeyPair(id)
  await seal(ports, { ...secretOf(row), text: pair.private }, async (trx, secret) => {
    const now = await lockConnection(trx, id)
    // Of two at once the second takes the first one's.
    if (!now || now.next_secret_id !== null) return
    await changeConnection(trx, id, { next_secret_id: secret, next_public_key: pair.public })
  })
  return current(ports, id)
}

/** The server takes the next key, which is proved by coming in with it. */
async function letIn(ports: ConnectionPorts, row: ConnectionRow): Promise<void> {
  {
    using connection = await connect(await reach(ports, row))
    await addAuthorizedKey(connection, row.login_name, String(row.next_public_key))
  }
  using _ = await connect(await reach(ports, row, String(row.next_secret_id)))
}

async function takeNext(
  ports: ConnectionPorts,
  { id, next_secret_id }: ConnectionRow,
  by: Pick<NewRecord, 'actor' | 'requestId' | 'credential'>,
): Promise<ConnectionRow> {
  await ports.db.transaction().execute(async trx => {
    const row = await lockConnection(trx, id)
    if (!row || row.next_secret_id === null || row.next_secret_id !== next_secret_id) return
    await changeConnection(trx, id, {
      ...{ secret_id: row.next_secret_id, public_key: String(row.next_public_key), old_public_key: row.public_key },
      ...{ next_secret_id: null, next_public_key: null },
    })
    await removeSecret(trx, secretOf(row), { but: row.next_secret_id })
    await record(trx, { ...by, action: 'connection.rotate', resource: id }, ports.now())
  })
  return current(ports, id)
}

async function forgetOld(ports: ConnectionPorts, row: ConnectionRow): Promise<ConnectionRow> {
  const old = row.old_public_key
  if (old === null) return row
  using connection = await connect(await reach(ports, row))
  await removeAuthorizedKey(connection, row.login_name, old)
  await changeConnection(ports.db, row.id, { old_public_key: null })
  return current(ports, row.id)
}

function refusal({ kind, message }: SshFailed): SpoqError {
  if (kind === 'host-key') return new SpoqError('host_key_changed', { message })
  return new SpoqError('connection_unready', { message, next: 'The key is as it was; try again later.' })
}
