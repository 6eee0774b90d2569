// What is done about backups, one thing after the other and by one backend at a time. Rows say what is wanted: whoever comes
// after a crash finds there what was cut off.

import { SpoqError } from '@spoq/contracts/problem'
import { backoffMs } from '../backoff.ts'
import type { BackupRow, RestoreRow } from '../db/tables.ts'
import { textOf } from '../log.ts'
import { type Repeated, repeat } from '../repeat.ts'
import { remove as removeSecret } from '../secret/remove.ts'
import { copy } from './copy.ts'
import { askForDaily } from './daily.ts'
import { type BackupPorts, firstPauseMs, mostTries, secretOf } from './ports.ts'
import { putBack } from './put-back.ts'
import { changeBackup, changeRestore, deleteBackup, expire, listDue, listDueRestores } from './store.ts'

/** Starts with a look, and looks again after each `everyMs`, or when it is woken. */
export function openBackups(ports: BackupPorts, everyMs: number): Repeated {
  const looks = repeat({ name: 'backup', everyMs, log: ports.log }, isOver =>
    ports.unlessLocked('backup', () => lookOnce(ports, isOver)),
  )
  looks.wake()
  return looks
}

/** Does all that is due now. */
export async function lookOnce(ports: BackupPorts, stopped = () => false): Promise<void> {
  const { db, now } = ports
  if (ports.daily) await askForDaily(ports)
  await expire(db, new Date(now()))
  for (const restore of await listDueRestores(db, new Date(now()))) if (!stopped()) await workOnRestore(ports, restore)
  for (const row of await listDue(db, new Date(now()))) if (!stopped()) await workOnBackup(ports, row)
}

async function workOnBackup(ports: BackupPorts, row: BackupRow): Promise<void> {
  if (row.state === 'removing') return takeAway(ports, row)
  const { db, log, now } = ports
  const attempts = row.attempts + 1
  const next_attempt_at = new Date(now() + backoffMs(attempts, firstPauseMs))
  const begun = await changeBackup(db, row.id, ['waiting', 'making'], { state: 'making', attempts, next_attempt_at })
  if (!begun) return
  try {
    await copy(ports, begun)
    log('info', 'backup.ready', { backup: row.id, machine: row.machine_id })
  } catch (error) {
    const over = attempts >= mostTries || isFinal(error)
    log(over ? 'error' : 'warn', 'backup.failed', { backup: row.id, machine: row.machine_id, error: textOf(error) })
    await changeBackup(db, row.id, ['making'], { state: over ? 'failed' : 'waiting', ...failure(error) })
  }
}

async function workOnRestore(ports: BackupPorts, row: RestoreRow): Promise<void> {
  const { db, log, now } = ports
  const attempts = row.attempts + 1
  const next_attempt_at = new Date(now() + backoffMs(attempts, firstPauseMs))
  const begun = await changeRestore(db, row, { state: 'running', attempts, next_attempt_at })
  if (!begun) return
  const fields = { machine: row.machine_id, backup: row.backup_id }
  try {
    await putBack(ports, begun)
    await changeRestore(db, row, { state: 'done', ended_at: new Date(now()), error_code: null, error_message: null })
    log('info', 'machine.restored', fields)
  } catch (error) {
    const over = attempts >= mostTries || isFinal(error)
    log(over ? 'error' : 'warn', 'restore.failed', { ...fields, error: textOf(error) })
    const ended = over ? { state: 'failed' as const, ended_at: new Date(now()) } : { state: 'waiting' as const }
    await changeRestore(db, row, { ...ended, ...failure(error) })
  }
}

/** The object first: a row without one says nothing wrong, one that nobody knows of would stay for ever. */
async function takeAway({ db, store, log, now }: BackupPorts, row: BackupRow): Promise<void> {
  try {
    await store.remove(row.object)
    await db.transaction().execute(async tx => {
      await deleteBackup(tx, row.id)
      await removeSecret(tx, secretOf(row))
    })
  } catch (error) {
    log('warn', 'backup.stays', { backup: row.id, error: textOf(error) })
    await changeBackup(db, row.id, ['removing'], { next_attempt_at: new Date(now() + 600_000) })
  }
}

/** What another try does not change. */
const final: readonly string[] = [
  'machine_not_running',
  'machine_not_found',
  'machine_busy',
  'archive_invalid',
  'disk_full',
  'backup_damaged',
  'backup_not_found',
  'backup_state',
  'forbidden',
]
const isFinal = (error: unknown) => error instanceof SpoqError && final.includes(error.code)

const failure = (error: unknown) =>
  error instanceof SpoqError
    ? { error_code: error.code, error_message: error.message }
    : {
        error_code: 'backup_failed' as const,
        error_message: 'It did not come to its end; the log of the backend says why.',
      }
