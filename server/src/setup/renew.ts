import { backoffMs } from '../backoff.ts'
import { type BeginPorts, nextRound } from './begin.ts'
import { changeSetup, lockSetup, putSetup } from './store.ts'

/**
 * Begins to bring a machine up to date that was set up for something else, or goes on with that; the try is counted before
 * it is made. What the machine was made for, its host key and its release stay written until the end of it.
 */
export async function renew(ports: BeginPorts, machine: string, endpoint: string): Promise<void> {
  const { db, issuer, now } = ports
  await db.transaction().execute(async trx => {
    const row = await lockSetup(trx, machine)
    if (!row || row.made_endpoint === null) throw new Error(`machine ${machine} was never set up`)
    const isSame = row.done_at === null && row.endpoint === endpoint && row.issuer === issuer
    const attempts = isSame ? row.attempts + 1 : 1
    const tried = { attempts, next_attempt_at: new Date(now() + backoffMs(attempts)) }
    // A script that has ended is not run again by its id.
    if (isSame && row.error === null) return changeSetup(trx, machine, tried)
    const { token: _, ...round } = nextRound(ports, machine, row)
    const { made_endpoint, made_issuer, host_key, release } = row
    const stays = { made_endpoint, made_issuer, host_key, release, over_ssh: true }
    await putSetup(trx, { ...round, issuer, endpoint, ...stays, ...tried })
  })
}
