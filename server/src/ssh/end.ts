import { record } from '../audit/record.ts'
import { listThere } from '../profile/store.ts'
import type { SshPorts } from './ports.ts'
import { forgetQuestions } from './question/store.ts'
import { endSession, listLost, type SshSessionRow, seeSessions } from './store.ts'
import { lostMs, questionMs } from './times.ts'

export interface Ending {
  reason: string
  kinds: readonly string[]
  bytesIn: number
  bytesOut: number
}

/** Ends a session, once, with what it was. */
export async function end({ db, logins, now }: SshPorts, session: string, ending: Ending): Promise<void> {
  const { reason, kinds, bytesIn, bytesOut } = ending
  await db.transaction().execute(async trx => {
    const row = await endSession(trx, session, new Date(now()))
    if (!row) return
    const seconds = Math.round((now() - row.began_at.getTime()) / 1000)
    const was = `${kinds.join(' and ') || 'nothing'}, ${bytesIn} bytes in, ${bytesOut} out, ${seconds} s: ${reason}`
    const origin = { address: row.address, agent: 'ssh', requestId: session, credential: row.device_id }
    const what = { actor: `account:${row.account_id}`, action: 'ssh.end', resource: row.machine_id }
    await record(trx, { ...what, account: row.account_id, origin, reason: was }, now())
    if (row.profile_id !== null) await logins.end(trx, row.account_id, row.device_id, origin, 'its session ended')
  })
}

/** Notes which sessions there are; answers those that may no longer be. */
export async function report(ports: SshPorts, sessions: readonly string[]): Promise<string[]> {
  const { db, devices, now } = ports
  const rows = sessions.length > 0 ? await seeSessions(db, sessions, new Date(now())) : []
  const byKey = rows.filter(row => row.profile_id === null)
  const revoked = new Set(await devices.revokedAmong(byKey.map(row => row.device_id)))
  const byQuestion = await standing(
    ports,
    rows.filter(row => row.profile_id !== null),
  )
  const good = new Set([...byKey.filter(row => !revoked.has(row.device_id)), ...byQuestion].map(({ id }) => id))
  return sessions.filter(id => !good.has(id))
}

/** Those that came by a question and may stay: neither their login nor their profile has ended. */
async function standing({ db, logins }: SshPorts, rows: readonly SshSessionRow[]): Promise<SshSessionRow[]> {
  if (rows.length === 0) return []
  const alive = new Set(await logins.standing(rows.map(row => row.device_id)))
  const there = new Set(
    await listThere(
      db,
      rows.map(row => row.profile_id ?? ''),
    ),
  )
  return rows.filter(row => alive.has(row.device_id) && there.has(row.profile_id ?? ''))
}

/** Ends sessions whose gateway died: nobody told of them for long. Old questions are forgotten. */
export async function endLost(ports: SshPorts): Promise<void> {
  await forgetQuestions(ports.db, new Date(ports.now() - questionMs))
  for (const { id } of await listLost(ports.db, new Date(ports.now() - lostMs)))
    await end(ports, id, { reason: 'its gateway went away', kinds: [], bytesIn: 0, bytesOut: 0 })
}
