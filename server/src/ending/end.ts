import type { Machine } from '@spoq/contracts/machine'
import type { Kysely } from 'kysely'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import type { Ending, MachineRow, Tables } from '../db/tables.ts'
import { change, move } from '../machine/move.ts'
import { lockOwnMachine, ownMachine } from '../machine/owner.ts'
import { toMachine } from '../machine/shape.ts'
import { isEnding } from '../machine/state.ts'
import { begun } from './ending.ts'
import { endingOf } from './hold.ts'
import { beginsLetter, tell } from './letter.ts'
import type { EndingPorts } from './ports.ts'

/**
 * Wants a machine ended after its grace; at once where nothing can be on it. Asked again it changes nothing.
 * @throws SpoqError `machine_not_found`.
 */
export async function end(ports: EndingPorts, asker: Asker, machine: string): Promise<Machine> {
  const { db, now, wake, times, copies } = ports
  const to = await ports.emailOf(asker.account)
  const ended = await db.transaction().execute(async trx => {
    const row = await lockOwnMachine(trx, asker.account, machine)
    if (isEnding(row.state) || row.ending) return toMachine(row)
    const { actor: by, ...asked } = askedBy(asker)
    if (!(await hasRun(trx, row))) {
      const cause = { actor: 'owner', by, ...asked, action: 'machine.terminate' } as const
      const gone = { wanted: 'terminated', stage: 'ending', attempts: 0, next_attempt_at: null } as const
      const terminating = await move(trx, row, 'terminating', cause, now(), gone)
      await wake(trx, row.id)
      return toMachine(terminating)
    }
    const ending = begun(now(), times, copies)
    const changed = await change(trx, row, endingOf(row, ending), now())
    await record(trx, { ...asked, actor: by, action: 'machine.end', resource: row.id, reason: ending.endsAt }, now())
    await tell(ports, trx, to, to => beginsLetter(to, row.name, ending))
    await wake(trx, row.id)
    return toMachine(changed)
  })
  ports.mail.wake()
  return ended
}

/**
 * How it would end, were that asked for now.
 * @throws SpoqError `machine_not_found`.
 */
export async function preview({ db, now, times, copies }: EndingPorts, account: string, machine: string) {
  const row = await ownMachine(db, account, machine)
  if (row.ending) return { endsAt: row.ending.endsAt, copy: wantsCopy(row.ending) }
  if (isEnding(row.state) || !(await hasRun(db, row))) return { endsAt: null, copy: false }
  return { endsAt: new Date(now() + times.graceMs).toISOString(), copy: copies }
}

const wantsCopy = ({ copy }: Ending) => copy !== 'none'

/** What never ran holds nothing of its owner's. */
async function hasRun(db: Kysely<Tables>, { id, state }: MachineRow): Promise<boolean> {
  if (state === 'running') return true
  const ran = db.selectFrom('audit_record').select('id').where('resource', '=', id).where('to_state', '=', 'running')
  return (await ran.limit(1).executeTakeFirst()) !== undefined
}
