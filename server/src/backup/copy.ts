// Makes one backup: from the machine into the store, and read again from there before it counts.

import { randomBytes } from 'node:crypto'
import { SpoqError } from '@spoq/contracts/problem'
import { streamKeyBytes } from '@spoq/kit/sealed-stream'
import type { BackupRow } from '../db/tables.ts'
import { findMachine } from '../machine/store.ts'
import { seal } from '../secret/seal.ts'
import { assertRunning } from './owner.ts'
import { type BackupPorts, keptMsOf, secretOf } from './ports.ts'
import { packed, summed } from './sealed.ts'
import { changeBackup } from './store.ts'

/**
 * Makes it. What was cut off before is begun again: a new key, over the same object.
 * @throws what went wrong; the row stays `making`.
 */
export async function copy(ports: BackupPorts, row: BackupRow): Promise<void> {
  const { db, store, now } = ports
  const machine = await findMachine(db, row.machine_id)
  if (!machine) throw new SpoqError('machine_not_found')
  assertRunning(machine)
  const at = { endpoint: machine.endpoint ?? '', token: await ports.tokenFor(machine.id) }
  const key = randomBytes(streamKeyBytes)
  const plain = summed(await ports.archive.read(at))
  const sealed = summed(packed(plain.bytes, key, row))
  await store.put(row.object, sealed.bytes)
  const back = summed(await store.get(row.object))
  for await (const _ of back.bytes);
  if (back.sum.sha256 !== sealed.sum.sha256 || !plain.sum.sha256)
    throw new SpoqError('backup_failed', { message: 'What was stored is not what was sent.' })
  const text = key.toString('base64')
  key.fill(0)
  const plan = await ports.planOf(row.account_id)
  await seal(ports, { ...secretOf(row), text }, async (tx, secret_id) => {
    const ready = await changeBackup(tx, row.id, ['making'], {
      state: 'ready',
      secret_id,
      bytes: plain.sum.bytes,
      sha256: plain.sum.sha256,
      stored_bytes: sealed.sum.bytes,
      stored_sha256: sealed.sum.sha256,
      error_code: null,
      error_message: null,
      made_at: new Date(now()),
      expires_at: new Date(now() + keptMsOf(row.kind, plan)),
    })
    // Removed meanwhile: its object goes with the row.
    if (!ready) throw new SpoqError('backup_not_found')
  })
}
