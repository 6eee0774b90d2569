import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { lockSetup, putSetup, type SetupRow } from './store.ts'
import { hashOf, tokenOf } from './token.ts'

/** How long a server may take from its order to its last report, in ms. */
export const setUpMs = 6 * 3_600_000

/** After so long without a word from its server a set-up is given up, in ms. */
export const silentMs = 20 * 60_000

/**
 * Begins the set-up of a machine and answers its token. One that is under way goes on with the token that it has, since a
 * server may carry that already; `anew`, or after a failure, there is another, and the one before is worth nothing.
 */
export async function begin(
  { db, secret, issuer, now }: { db: Kysely<Tables>; secret: string; issuer: string; now: () => number },
  machine: string,
  endpoint: string,
  anew: boolean,
): Promise<string> {
  return db.transaction().execute(async trx => {
    const row = await lockSetup(trx, machine)
    if (row && !anew && row.issuer === issuer && goesOn(row, now())) return tokenOf(secret, machine, row.round)
    const round = (row?.round ?? 0) + 1
    const token = tokenOf(secret, machine, round)
    const times = { begun_at: new Date(now()), expires_at: new Date(now() + setUpMs) }
    await putSetup(trx, { machine_id: machine, round, token_hash: hashOf(token), issuer, endpoint, ...times })
    return token
  })
}

const goesOn = ({ error, done_at, heard_at, begun_at }: SetupRow, now: number) =>
  done_at !== null || (error === null && now < (heard_at ?? begun_at).getTime() + silentMs)
