import { record } from '../audit/record.ts'
import type { SshPorts } from './ports.ts'
import { endSession, listLost, seeSessions } from './store.ts'
import { lostMs } from './times.ts'

export interface Ending {
  reason: string
  kinds: readonly string[]
  bytesIn: number
  bytesOut: number
}

/** Ends a session, once, with what it was. */
export async function end({ db, now }: SshPorts, session: string, ending: Ending): Promise<void> {
  const { reason, kinds, bytesIn, bytesOut } = ending
  await db.transaction().execute(async trx => {
    const row = await endSession(trx, session, new Date(now()))
    if (!row) return
    const seconds = Math.round((now() - row.began_at.getTime()) / 1000)
    const was = `${kinds.join(' and ') || 'nothing'}, ${bytesIn} bytes in, ${bytesOut} out, ${seconds} s: ${reason}`
    const origin = { address: row.address, agent: 'ssh', requestId: session, credential: row.device_id }
    const what = { actor: `account:${row.account_id}`, action: 'ssh.end', resource: row.machine_id }
    await record(trx, { ...what, account: row.account_id, origin, reason: was }, now())
  })
}

/** Notes which sessions there are; answers those that may no longer be. */
export async function report({ db, devices, now }: SshPorts, sessions: readonly string[]): Promise<string[]> {
  const rows = sessions.length > 0 ? await seeSessions(db, sessions, new Date(now())) : []
  const revoked = new Set(await devices.revokedAmong(rows.map(row => row.device_id)))
  const good = new Set(rows.filter(row => !revoked.has(row.device_id)).map(({ id }) => id))
  return sessions.filter(id => !good.has(id))
}

/** Ends sessions whose gateway died: nobody told of them for long. */
export async function endLost(ports: SshPorts): Promise<void> {
  for (const { id } of await listLost(ports.db, new Date(ports.now() - lostMs)))
    await end(ports, id, { reason: 'its gateway went away', kinds: [], bytesIn: 0, bytesOut: 0 })
}
