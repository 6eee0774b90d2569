import { SpoqError } from '@spoq/contracts/problem'
import type { SetupReport } from '@spoq/contracts/setup'
import type { Kysely, Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { Tables } from '../db/tables.ts'
import { plain, tailOf } from './clean.ts'
import { changeSetup, lockSetup, type SetupRow } from './store.ts'
import { isTokenOf } from './token.ts'

export interface ReportPorts {
  db: Kysely<Tables>
  /** Has the machine looked at, once the transaction is committed. */
  wake: (trx: Transaction<Tables>, machine: string) => Promise<void>
  now: () => number
}

/**
 * Takes what a server says of its set-up. With "done" its token ends; a failure can be followed by another try.
 * @throws SpoqError `token_invalid` for what is no token of this machine's set-up, `token_expired`, `setup_over`.
 */
export async function report(ports: ReportPorts, token: string | undefined, said: SetupReport): Promise<void> {
  const { db, wake, now } = ports
  await db.transaction().execute(async trx => {
    const row = await lockSetup(trx, said.machine)
    if (!row || token === undefined || !isTokenOf(token, row.token_hash)) throw unknown()
    if (row.done_at !== null) throw new SpoqError('setup_over')
    if (row.expires_at.getTime() <= now()) throw late()
    await changeSetup(trx, row.machine_id, changesOf(row, said, new Date(now())))
    if (said.hostKey) {
      const by = { actor: `machine:${row.machine_id}`, requestId: null }
      await record(trx, { ...by, action: 'machine.set-up', resource: row.machine_id, reason: said.hostKey }, now())
    }
    if (said.hostKey || said.error || said.stage !== row.stage) await wake(trx, row.machine_id)
  })
}

function changesOf(row: SetupRow, said: SetupReport, at: Date): Partial<SetupRow> {
  const made = { made_endpoint: row.endpoint, made_issuer: row.issuer, attempts: 0, next_attempt_at: null }
  const done = said.hostKey ? { done_at: at, host_key: said.hostKey, release: said.release ?? null, ...made } : {}
  return {
    heard_at: at,
    host_key: said.sshKey ?? row.host_key,
    stage: plain(said.stage),
    log: tailOf(row.log, said.lines),
    error: said.error === undefined ? null : plain(said.error) || 'It failed.',
    ...done,
  }
}

const unknown = () =>
  new SpoqError('token_invalid', {
    message: 'This is not the token of a set-up that runs.',
    next: 'Start the machine again: it gets a new one.',
  })

const late = () =>
  new SpoqError('token_expired', { message: 'This set-up took too long.', next: 'Start the machine again.' })
