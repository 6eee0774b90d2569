// What is done about the machines that are in their grace. Each move is one transaction over the row that was read: a crash
// loses nothing, and whoever looks next goes on.

import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import { newBackup } from '../backup/create.ts'
import { keptMs } from '../backup/ports.ts'
import { changeBackup, findBackup, insertBackup } from '../backup/store.ts'
import type { BackupRow, Ending, OwnedRow, Tables } from '../db/tables.ts'
import { textOf } from '../log.ts'
import { change, move, StaleRow } from '../machine/move.ts'
import { type EndingTimes, type Move, next } from './ending.ts'
import { endingOf } from './hold.ts'
import { extendedLetter, failedLetter, overLetter, tell } from './letter.ts'
import type { EndingPorts } from './ports.ts'

/** Does what is due now, of each machine. */
export async function lookAtEndings(ports: EndingPorts, stopped = () => false): Promise<void> {
  const query = ports.db
    .selectFrom('machine')
    .selectAll()
    .where('ending', 'is not', null)
    .$narrowType<{ account_id: string }>()
  for (const row of await query.where('state', 'not in', ['terminating', 'terminated']).execute())
    if (!stopped())
      await look(ports, row).catch(error => {
        // Somebody changed it meanwhile: it is looked at next time.
        if (error instanceof StaleRow) return
        ports.log('error', 'ending.failed', { machine: row.id, error: textOf(error) })
      })
}

async function look(ports: EndingPorts, row: OwnedRow): Promise<void> {
  const { ending } = row
  if (!ending) return
  const backup = ending.backup === null ? undefined : await findBackup(ports.db, ending.backup)
  const running = row.state === 'running' && row.endpoint !== null
  const seen = { running, backup: backup?.state ?? null, reason: backup?.error_message ?? null }
  const due = next(ending, seen, ports.now())
  const broken = due.kind === 'verify' && backup ? await verified(ports, backup) : null
  const decided: Move = broken === null ? due : { kind: 'failed', reason: broken }
  if (decided.kind === 'none') return
  const to = await ports.emailOf(row.account_id)
  await ports.db.transaction().execute(trx => make(ports, trx, { row, ending, to }, decided))
  if (decided.kind === 'copy') ports.wakeBackups()
  ports.mail.wake()
}

/** Null when it is what was made, else what is wrong. @throws what may be better next time. */
async function verified({ verify }: EndingPorts, backup: BackupRow): Promise<string | null> {
  try {
    await verify(backup)
    return null
  } catch (error) {
    if (error instanceof SpoqError && error.code === 'backup_damaged') return error.message
    throw error
  }
}

interface Ends {
  row: OwnedRow
  ending: Ending
  /** Its owner's address. */
  to: string | null
}

async function make(ports: EndingPorts, trx: Transaction<Tables>, ends: Ends, decided: Move): Promise<void> {
  switch (decided.kind) {
    case 'none':
      return
    case 'copy':
      return copy(ports, trx, ends)
    case 'verify':
      return ready(ports, trx, ends)
    case 'failed':
      return failed(ports, trx, ends, decided.reason)
    case 'again':
      return write(ports, trx, ends, { copy: 'making', backup: null, nextAt: soon(ports, 'runWithinMs') })
    case 'extend':
      return extend(ports, trx, ends)
    case 'over':
      return over(ports, trx, ends, decided.kept)
  }
}

const soon = ({ now, times }: EndingPorts, which: keyof EndingTimes) => new Date(now() + times[which]).toISOString()

async function write(ports: EndingPorts, trx: Transaction<Tables>, { row, ending }: Ends, changed: Partial<Ending>) {
  await change(trx, row, endingOf(row, { ...ending, ...changed }), ports.now())
  await ports.wake(trx, row.id)
}

async function copy(ports: EndingPorts, trx: Transaction<Tables>, ends: Ends) {
  const made = await insertBackup(trx, newBackup(ends.row, 'final', ports.now()))
  if (made) await write(ports, trx, ends, { backup: made.id })
}

async function ready(ports: EndingPorts, trx: Transaction<Tables>, ends: Ends) {
  await write(ports, trx, ends, { copy: 'ready', nextAt: null, reason: null })
  await said(ports, trx, ends, 'machine.final-backup', ends.ending.backup)
  await keepFrom(trx, ends.ending, Date.parse(ends.ending.endsAt))
}

async function failed(ports: EndingPorts, trx: Transaction<Tables>, ends: Ends, reason: string) {
  const { row, ending, to } = ends
  ports.log('error', 'ending.no-backup', { machine: row.id, endsAt: ending.endsAt, reason })
  await write(ports, trx, ends, { copy: 'failed', nextAt: soon(ports, 'againMs'), reason, told: true })
  await said(ports, trx, ends, 'machine.final-backup-failed', reason)
  if (!ending.told) await tell(ports, trx, to, to => failedLetter(to, row.name, { ...ending, reason }))
}

async function extend(ports: EndingPorts, trx: Transaction<Tables>, ends: Ends) {
  const { row, ending, to } = ends
  const endsAt = new Date(Date.parse(ending.endsAt) + ports.times.extensionMs).toISOString()
  ports.log('error', 'ending.extended', { machine: row.id, endsAt, reason: ending.reason })
  // Whatever is being made for it goes on; else it is held, and tried again as before.
  await write(ports, trx, ends, { endsAt, extended: true })
  await said(ports, trx, ends, 'machine.end-extended', endsAt)
  await tell(ports, trx, to, to => extendedLetter(to, row.name, { ...ending, endsAt }))
}

async function over(ports: EndingPorts, trx: Transaction<Tables>, { row, ending, to }: Ends, kept: boolean) {
  const backup = kept && ending.copy === 'ready' ? ending.backup : null
  if (!kept) ports.log('error', 'ending.without-backup', { machine: row.id, reason: ending.reason })
  const reason = kept ? 'its grace is over' : 'its grace is over, without a final backup'
  // Its owner asked for it.
  const cause = { actor: 'owner', by: 'system', action: 'machine.terminate', reason } as const
  const gone = { wanted: 'terminated', stage: 'ending', attempts: 0, next_attempt_at: null } as const
  await move(trx, row, 'terminating', cause, ports.now(), gone)
  const copy = backup ? await keepFrom(trx, ending, ports.now()) : undefined
  const found = copy && { backup: copy.id, until: copy.expires_at.toISOString(), link: ports.linkOf(copy.id) }
  await tell(ports, trx, to, to => overLetter(to, row.name, found ?? null))
  await ports.wake(trx, row.id)
}

/** A final backup outlives its machine by as long as it is kept. */
const keepFrom = (trx: Transaction<Tables>, { backup }: Ending, at: number) =>
  changeBackup(trx, backup ?? '', ['ready'], { expires_at: new Date(at + keptMs.final) })

const said = ({ now }: EndingPorts, trx: Transaction<Tables>, { row }: Ends, action: string, reason: string | null) =>
  record(trx, { actor: 'system', action, resource: row.id, reason }, now())
