// What is there when all is at rest, held against what was asked for.

import type { MachineState } from '@spoq/contracts/machine'
import type { MachineRow } from '@spoq/server/db/tables'
import { actors, aim, mayMove } from '@spoq/server/machine/state'
import { type Rows, wrongAudit } from '../evidence.ts'
import { readMachines } from '../rows.ts'
import { where } from './incarnation.ts'
import type { Verb } from './run.ts'
import { key, nobody, type World } from './world.ts'

const wished = { provision: 'running', start: 'running', stop: 'stopped', terminate: 'terminated' } as const

/** Everything that is wrong, as sentences. `asked`: what surely was asked; null when the request may have been lost. */
export async function look(world: World, asked: Verb | null): Promise<string[]> {
  const row = await world.database.db
    .selectFrom('machine')
    .selectAll()
    .where('request_key', '=', key)
    .executeTakeFirst()
  const rows = (await readMachines(world.database))[key]
  if (!row || !rows) return [...(asked ? ['there is no machine'] : []), ...strays(world, null)]
  return [
    ...(asked && row.wanted !== wished[asked]
      ? [`${row.wanted} is wanted, and it was asked for ${wished[asked]}`]
      : []),
    ...wrongRow(row),
    ...wrongResource(world, row),
    ...strays(world, row.id),
    ...wrongMoves(rows),
    ...wrongAudit(rows),
  ]
}

function wrongRow(row: MachineRow): string[] {
  const should = aim(row.wanted, row.holds)
  return [
    ...(row.state === should ? [] : [`it is ${row.state}, not ${should}: ${row.error_message}`]),
    ...(row.lease_until === null ? [] : ['its lease is held']),
    ...(row.state === 'running' && row.attempts !== 0 ? [`it runs after ${row.attempts} tries that are not over`] : []),
  ]
}

/** Exactly one for a wanted machine, as it is wanted; none for one that is over; and never two at once. */
function wrongResource({ cloud }: World, row: MachineRow): string[] {
  const ours = cloud.all().filter(({ machine }) => machine === row.id)
  const states = ours.map(({ ref, state }) => `${ref} ${state}`)
  const wanted = row.wanted === 'terminated' ? [] : [`${row.provider_ref} ${row.wanted}`]
  const one = ours[0]
  return [
    ...(states.join() === wanted.join()
      ? []
      : [`the provider has ${states.join() || 'nothing'}, not ${wanted.join() || 'nothing'}`]),
    ...(cloud.most(row.id) > 1 ? [`there were ${cloud.most(row.id)} of it at once`] : []),
    ...(row.wanted === 'running' && one && cloud.issuerOf(one.ref) !== where.issuer
      ? ['it takes the tokens of another']
      : []),
    ...(row.wanted === 'running' && one && one.endpoint !== row.endpoint
      ? [`it is at ${one.endpoint}, not ${row.endpoint}`]
      : []),
  ]
}

const strays = ({ cloud }: World, mine: string | null): string[] =>
  cloud.all().flatMap(({ ref, machine }) => (machine === mine || machine === nobody ? [] : [`${ref} is nobody's`]))

/** Every change went along an edge of the table. */
const wrongMoves = ({ changes }: Rows): string[] =>
  changes.slice(1).flatMap(({ from, to }) => {
    const known = actors.some(actor => mayMove(from as MachineState, to as MachineState, actor))
    return known ? [] : [`no edge leads from ${from} to ${to}`]
  })
