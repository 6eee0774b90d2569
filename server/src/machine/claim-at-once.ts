import { type Asker, askedBy } from '../audit/asked-by.ts'
import type { MachineRow, NewOwnedRow } from '../db/tables.ts'
import type { Room } from './allowed.ts'
import type { MachinePorts } from './ports.ts'
import { claimWarm, lockTurn, type WarmFit } from './unclaimed.ts'

/** What the audit says of one that was there already. */
export const madeAhead = { reason: 'made ahead' }

/**
 * The usual way to one that is ready, in one statement behind its turn, for the first name. Undefined where that is not possible: none is
 * ready, the name is taken, there is no room, or the request came twice; what can be done then takes more than one statement.
 */
export async function claimAtOnce(
  { db, pool, now }: MachinePorts,
  asker: Asker,
  names: Iterable<string>,
  fresh: Omit<NewOwnedRow, 'name'>,
  fit: WarmFit,
  room: Room | null,
): Promise<MachineRow | undefined> {
  const [name] = names
  if (!pool || name === undefined) return undefined
  const by = { ...askedBy(asker), action: 'machine.create', ...madeAhead }
  try {
    return await db.transaction().execute(async trx => {
      await lockTurn(trx, asker.account, fresh.request_key, room !== null)
      return claimWarm(trx, { ...fresh, name }, fit, pool.lease, by, room, now())
    })
  } catch (error) {
    if (isTwice(error)) return undefined
    throw error
  }
}

/** Of PostgreSQL: there is one with this key already. */
const isTwice = (error: unknown) => (error as { code?: unknown }).code === '23505'
