import { SpoqError } from '@spoq/contracts/problem'
import { forgetTold } from '../access/store.ts'
import { record } from '../audit/record.ts'
import type { MachineRow } from '../db/tables.ts'
import { awake } from '../machine/awake.ts'
import { change } from '../machine/move.ts'
import { findMachine, lockOwned } from '../machine/store.ts'
import type { IdlePorts } from './ports.ts'

type WakePorts = Pick<IdlePorts, 'db' | 'callerOf' | 'revokedBy' | 'wake' | 'now'>

/**
 * Wakes a machine for somebody who may use it; answers whether it comes up. One that its owner stopped, or that something
 * else holds, does not; one that comes up already needs no more. It lets nobody in before it was told its access anew.
 * @throws SpoqError `token_expired`, `token_invalid`, `login_revoked`, `forbidden`, as the machine itself would.
 */
export async function wake(ports: WakePorts, machine: string, token: string): Promise<boolean> {
  const { account, credential } = await ports.callerOf(token, machine)
  const row = await findMachine(ports.db, machine)
  if (!row || row.account_id === null || account !== row.account_id)
    throw new SpoqError('forbidden', { message: 'The machine is not yours.' })
  await assertStands(ports, account, credential)
  return wakeFor(ports, { account, credential }, machine)
}

/** The same for somebody who has proved to be let in: over SSH. */
export async function wakeFor(
  ports: Pick<WakePorts, 'db' | 'wake' | 'now'>,
  { account, credential }: { account: string; credential: string | null },
  machine: string,
): Promise<boolean> {
  return ports.db.transaction().execute(async trx => {
    const locked = await lockOwned(trx, account, machine)
    if (!locked || !mayRun(locked)) return false
    if (locked.holds.length === 0) return true
    const now = ports.now()
    const anew = { holds: awake(locked.holds), stage: null, attempts: 0, next_attempt_at: null }
    await change(trx, locked, anew, now)
    await forgetTold(trx, machine)
    await record(trx, { actor: `account:${account}`, action: 'machine.wake', resource: machine, credential }, now)
    await ports.wake(trx, machine)
    return true
  })
}

const mayRun = ({ wanted, state, holds }: MachineRow) =>
  wanted === 'running' && state !== 'failed' && holds.every(hold => hold === 'idle')

/** A machine that sleeps was not told what ended meanwhile. */
async function assertStands({ revokedBy }: WakePorts, account: string, credential: string | null): Promise<void> {
  const revoked = (await revokedBy([account])).get(account) ?? []
  if (revoked.some(ended => ended.credential === credential)) throw new SpoqError('login_revoked')
}
