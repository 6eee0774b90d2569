import type { TunnelHolder } from '@spoq/contracts/gateway'
import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { listAlive, listGenerations } from './store.ts'
import { readToken } from './token.ts'

export interface TunnelPorts {
  db: Kysely<Tables>
  /** Tokens are made with it. */
  key: string
  now: () => number
}

/** Whose token it is. @throws SpoqError `token_invalid` for one that is forged, replaced, or of a machine that is over. */
export async function verify(ports: TunnelPorts, token: string): Promise<TunnelHolder> {
  const holder = readToken(ports.key, token)
  if (!holder || (await stale(ports, [holder])).length > 0)
    throw new SpoqError('token_invalid', { message: 'The token opens no tunnel.' })
  return holder
}

/** Those of these who may not be connected any more. */
export async function stale({ db, now }: TunnelPorts, holders: readonly TunnelHolder[]): Promise<string[]> {
  const machines = holders.map(({ machine }) => machine)
  const alive = new Set(await listAlive(db, machines))
  const rows = new Map((await listGenerations(db, machines)).map(row => [row.machine_id, row]))
  const isGood = ({ machine, generation }: TunnelHolder) => {
    const row = rows.get(machine)
    if (!alive.has(machine)) return false
    if (!row) return generation === 1
    const isPrevious = generation === row.generation - 1 && row.previous_until.getTime() > now()
    return generation === row.generation || isPrevious
  }
  return holders.filter(holder => !isGood(holder)).map(({ machine }) => machine)
}
