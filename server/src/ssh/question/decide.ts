// What the page shows of a question, and the decision of whoever looked at it: the owner of the machine, and nobody else.

import type { Kysely } from 'kysely'
import { record } from '../../audit/record.ts'
import type { Tables } from '../../db/tables.ts'
import type { From } from '../../http/from.ts'
import { findMachine } from '../../machine/store.ts'
import { findProfile } from '../../profile/store.ts'
import { decideQuestion, findPending } from './store.ts'

interface Ports {
  db: Kysely<Tables>
  now: () => number
}

/** Somebody who wants in, as the owner is asked about them. */
export interface Waiting {
  machine: string
  /** Null: the usual one. */
  profile: string | null
  /** Where they are. */
  address: string
  /** Since when, in ms since 1970. */
  at: number
}

/** Who waits behind these words for this account to decide; null: nobody, or it is another's to decide. */
export async function findWaiting({ db, now }: Ports, account: string, words: string): Promise<Waiting | null> {
  const row = await findPending(db, words, new Date(now()))
  const machine = await findMachine(db, row?.machine_id ?? '')
  const profile = await findProfile(db, account, row?.profile_id ?? '')
  if (!row || machine?.account_id !== account || !profile) return null
  return {
    machine: machine.name,
    profile: profile.is_default ? null : profile.name,
    address: row.address,
    at: row.created_at.getTime(),
  }
}

/** Decides it, once. False when there is nothing for this account to decide. */
export async function decide(
  ports: Ports,
  { account, words, isYes, origin }: { account: string; words: string; isYes: boolean; origin: From },
): Promise<boolean> {
  const waiting = await findWaiting(ports, account, words)
  if (!waiting) return false
  const at = ports.now()
  return ports.db.transaction().execute(async trx => {
    const row = await decideQuestion(trx, words, { account: isYes ? account : null, at: new Date(at) })
    if (!row) return false
    const what = { action: isYes ? 'ssh.approve' : 'ssh.deny', resource: row.machine_id ?? '', reason: row.address }
    await record(trx, { actor: `account:${account}`, account, origin, ...what }, at)
    return true
  })
}
