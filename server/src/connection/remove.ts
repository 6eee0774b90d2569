import { SpoqError } from '@spoq/contracts/problem'
import { connect, removeAuthorizedKey } from '@spoq/kit/ssh-job'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { remove as removeSecret } from '../secret/remove.ts'
import { removeLine } from './line.ts'
import { assertFree, ownConnection } from './owner.ts'
import { type ConnectionPorts, secretOf } from './ports.ts'
import { reach } from './reach.ts'
import { type ConnectionRow, deleteConnection, lockConnection } from './store.ts'

/**
 * Forgets a server, and the key for it; that is taken off the server where it lets us. Answers the line that does so by
 * hand, where it is needed.
 * @throws SpoqError `connection_not_found`, `connection_in_use`.
 */
export async function remove(ports: ConnectionPorts, asker: Asker, id: string): Promise<{ line: string | null }> {
  const row = await ownConnection(ports.db, asker.account, id)
  await assertFree(ports.db, row)
  const isOff = await lockOut(ports, row).then(
    () => true,
    () => false,
  )
  await ports.db.transaction().execute(async trx => {
    const now = await lockConnection(trx, id)
    if (!now) throw new SpoqError('connection_not_found')
    await assertFree(trx, now)
    await deleteConnection(trx, id)
    await removeSecret(trx, secretOf(row))
    await record(trx, { ...askedBy(asker), action: 'connection.remove', resource: id }, ports.now())
  })
  return { line: isOff ? null : removeLine(row.login_name, row.public_key) }
}

/** A server whose host key nobody confirmed is told nothing. */
async function lockOut(ports: ConnectionPorts, row: ConnectionRow): Promise<void> {
  if (row.host_key === null) throw new Error('its owner has not confirmed which server it is')
  using connection = await connect(await reach(ports, row))
  for (const key of [row.old_public_key, row.next_public_key, row.public_key])
    if (key !== null) await removeAuthorizedKey(connection, row.login_name, key)
}
