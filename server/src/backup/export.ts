import { Readable } from 'node:stream'
import { askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { assertReady, type BackupAsker, ownBackup } from './owner.ts'
import type { BackupPorts } from './ports.ts'
import { unpacked } from './sealed.ts'

/**
 * A backup's archive for its owner. An answer that breaks off is not all of it.
 * @throws SpoqError `backup_not_found`, `backup_state`, `backup_damaged`.
 */
export async function exported(
  ports: BackupPorts,
  asker: BackupAsker,
  id: string,
): Promise<ReadableStream<Uint8Array>> {
  const row = await ownBackup(ports.db, asker, id)
  assertReady(row)
  const bytes = await unpacked(ports, row)
  await ports.db
    .transaction()
    .execute(tx => record(tx, { ...askedBy(asker), action: 'backup.export', resource: row.id }, ports.now()))
  return Readable.toWeb(Readable.from(bytes, { objectMode: false })) as ReadableStream<Uint8Array>
}
