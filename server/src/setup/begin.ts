import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { lockSetup, putSetup, type SetupRow } from './store.ts'
import { hashOf, tokenOf } from './token.ts'

/** How long a server may take from its order to its last report, in ms. */
export const setUpMs = 6 * 3_600_000

/** After so long without a word from its server a set-up is given up, in ms. */
export const silentMs = 20 * 60_000

export interface BeginPorts {
  db: Kysely<Tables>
  secret: string
  issuer: string
  now: () => number
}

interface Beginning {
  machine: string
  endpoint: string
  anew: boolean
  /** A backend runs it over SSH: the host key that is known stays. */
  overSsh?: boolean
}

/**
 * Begins the set-up of a machine and answers its token. One that is under way goes on with the token that it has, since a
 * server may carry that already; `anew`, or after a failure, there is another, and the one before is worth nothing.
 */
export async function begin(
  ports: BeginPorts,
  { machine, endpoint, anew, overSsh = false }: Beginning,
): Promise<string> {
  const { db, secret, issuer, now } = ports
  return db.transaction().execute(async trx => {
    const row = await lockSetup(trx, machine)
    if (row && !anew && row.issuer === issuer && goesOn(row, now())) return tokenOf(secret, machine, row.round)
    const { token, ...round } = nextRound(ports, machine, row)
    const known = overSsh ? { over_ssh: true, host_key: row?.host_key ?? null } : {}
    await putSetup(trx, { ...round, issuer, endpoint, ...known })
    return token
  })
}

/** Whoever writes it makes every token of before worthless. */
export function nextRound({ secret, now }: Pick<BeginPorts, 'secret' | 'now'>, machine_id: string, before?: SetupRow) {
  const round = (before?.round ?? 0) + 1
  const token = tokenOf(secret, machine_id, round)
  const times = { begun_at: new Date(now()), expires_at: new Date(now() + setUpMs) }
  return { machine_id, round, token, token_hash: hashOf(token), ...times }
}

const goesOn = ({ error, made_endpoint, heard_at, begun_at }: SetupRow, now: number) =>
  made_endpoint !== null || (error === null && now < (heard_at ?? begun_at).getTime() + silentMs)
