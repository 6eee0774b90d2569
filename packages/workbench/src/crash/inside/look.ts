// What is there when all is at rest, held against what was asked for.

import type { MachineState } from '@spoq/contracts/machine'
import type { MachineRow } from '@spoq/server/db/tables'
import { actors, aim, mayMove } from '@spoq/server/machine/state'
import { type Rows, wrongAudit } from '../evidence.ts'
import { readMachines } from '../rows.ts'
import { where } from './incarnation.ts'
import { wrongPool } from './pool.ts'
import type { Verb } from './run.ts'
import { domain, type Server } from './server.ts'
import { key, nobody, type World } from './world.ts'

const wished = {
  provision: 'running',
  start: 'running',
  stop: 'stopped',
  terminate: 'terminated',
  resize: 'running',
  restart: 'running',
  rotate: 'running',
  snapshot: 'running',
  restore: 'running',
  unsnapshot: 'running',
  claim: 'running',
  end: 'terminated',
  keep: 'running',
  'set-up': 'running',
  renew: 'running',
  abandon: 'terminated',
} as const

/** Everything that is wrong, as sentences. `asked`: what surely was asked; null when the request may have been lost. */
export async function look(world: World, asked: Verb | null): Promise<string[]> {
  const row = await world.database.db
    .selectFrom('machine')
    .selectAll()
    .where('request_key', '=', key)
    .executeTakeFirst()
  const rows = (await readMachines(world.database))[key]
  const others = world.pooled ? await wrongPool(world, asked === 'claim') : []
  if (!row || !rows) return [...(asked ? ['there is no machine'] : []), ...others, ...strays(world, null)]
  return [
    ...(asked && row.wanted !== wished[asked]
      ? [`${row.wanted} is wanted, and it was asked for ${wished[asked]}`]
      : []),
    ...wrongRow(row),
    ...wrongResource(world, row),
    ...(await wrongTasks(world, row, asked)),
    ...others,
    ...(await wrongEnd(world, row, asked)),
    ...(world.server ? await wrongServer(world, world.server, row, asked) : []),
    ...strays(world, row.id),
    ...wrongMoves(rows),
    ...wrongAudit(rows),
  ]
}

/** Every task ended; the provider has the size and the snapshots that the rows say, and nothing that they do not. */
async function wrongTasks({ cloud, database }: World, row: MachineRow, asked: Verb | null): Promise<string[]> {
  const tasks = await database.db.selectFrom('machine_task').selectAll().where('machine_id', '=', row.id).execute()
  if (row.wanted === 'terminated' || row.provider_ref === null) return []
  const open = tasks.filter(({ state }) => state === 'waiting' || state === 'failed')
  const kept = tasks.filter(({ kind, state }) => kind === 'snapshot' && state === 'done').map(one => one.provider_ref)
  const there = cloud.snapshotsOf(row.provider_ref)
  const size = cloud.sizeOf(row.provider_ref) ?? null
  return [
    ...open.map(({ kind, state, error_message }) => `the task ${kind} is ${state}: ${error_message}`),
    ...(kept.toSorted().join() === there.toSorted().join() ? [] : [`the snapshots are ${there}, not ${kept}`]),
    ...(size === row.size ? [] : [`its size is ${size}, not ${row.size}`]),
    ...(asked === 'rotate' && !cloud.wasRotated(row.provider_ref) ? ['its password is the old one'] : []),
    ...(asked === 'resize' && size !== 'large' ? ['it was not resized'] : []),
    ...(asked === 'unsnapshot' && there.length > 0 ? ['the snapshot was not removed'] : []),
    ...(asked === 'snapshot' && there.length < 2 ? ['no snapshot was taken'] : []),
  ]
}

/** Whoever was told that there is a final backup has it; a machine that is kept is held no more. */
async function wrongEnd({ database }: World, row: MachineRow, asked: Verb | null): Promise<string[]> {
  const { db } = database
  const ready = await db
    .selectFrom('backup')
    .select('id')
    .where('kind', '=', 'final')
    .where('state', '=', 'ready')
    .execute()
  const told = db.selectFrom('audit_record').select('id').where('resource', '=', row.id)
  const kept = await told.where('reason', '=', 'its grace is over').execute()
  return [
    ...(kept.length > 0 && ready.length === 0 ? ['it ended without its final backup'] : []),
    ...(asked === 'keep' && row.holds.length > 0 ? [`it is kept, and held for ${row.holds}`] : []),
  ]
}

/** It is set up for its name, and nothing is left of the way there; of one that was given up its owner knows what is left. */
async function wrongServer({ database }: World, server: Server, row: MachineRow, asked: Verb | null) {
  if (asked === 'abandon')
    return row.error_code === 'server_not_cleaned' ? [] : [`what is left is not told: ${row.error_message}`]
  if (aimOf(row) !== 'running') return []
  const query = database.db.selectFrom('machine_setup').selectAll().where('machine_id', '=', row.id)
  const { made_endpoint, done_at } = await query.executeTakeFirstOrThrow()
  const should = `https://${row.name}.${domain}`
  return [
    ...(server.endpoint() === should ? [] : [`its server is set up for ${server.endpoint()}, not ${should}`]),
    ...(made_endpoint === should && done_at !== null ? [] : [`the row says that it is set up for ${made_endpoint}`]),
    ...(row.stage === null ? [] : [`it is said to be at ${row.stage}`]),
    ...(row.error_code === null ? [] : [`it is said to be wrong: ${row.error_message}`]),
    ...(asked === 'renew' && row.name !== 'another-name' ? ['it has its former name'] : []),
  ]
}

const aimOf = ({ wanted, holds, ending }: MachineRow) => aim(wanted, holds, ending?.copy === 'making')

function wrongRow(row: MachineRow): string[] {
  const should = aimOf(row)
  return [
    ...(row.state === should ? [] : [`it is ${row.state}, not ${should}: ${row.error_message}`]),
    ...(row.lease_until === null ? [] : ['its lease is held']),
    ...(row.state === 'running' && row.attempts !== 0 ? [`it runs after ${row.attempts} tries that are not over`] : []),
  ]
}

/** Exactly one for a wanted machine, as it is wanted; none for one that is over; and never two at once. */
function wrongResource({ cloud, server }: World, row: MachineRow): string[] {
  const ours = cloud.all().filter(({ machine }) => machine === row.id)
  const states = ours.map(({ ref, state }) => `${ref} ${state}`)
  const should = aimOf(row)
  const power = should === 'running' ? 'running' : 'stopped'
  const wanted = should === 'terminated' ? [] : [`${row.provider_ref} ${power}`]
  const one = ours[0]
  return [
    ...(states.join() === wanted.join()
      ? []
      : [`the provider has ${states.join() || 'nothing'}, not ${wanted.join() || 'nothing'}`]),
    ...(cloud.most(row.id) > 1 ? [`there were ${cloud.most(row.id)} of it at once`] : []),
    ...(should === 'running' && one && cloud.issuerOf(one.ref) !== where.issuer
      ? ['it takes the tokens of another']
      : []),
    ...(should === 'running' && one && (server?.endpoint() ?? one.endpoint) !== row.endpoint
      ? [`it is at ${server?.endpoint() ?? one.endpoint}, not ${row.endpoint}`]
      : []),
  ]
}

/** What nobody asked for is looked at by `wrongPool` where machines are made ahead. */
const strays = ({ cloud, pooled }: World, mine: string | null): string[] =>
  (pooled ? [] : cloud.all()).flatMap(({ ref, machine }) =>
    machine === mine || machine === nobody ? [] : [`${ref} is nobody's`],
  )

/** Every change went along an edge of the table. */
const wrongMoves = ({ changes }: Rows): string[] =>
  changes.slice(1).flatMap(({ from, to }) => {
    const known = actors.some(actor => mayMove(from as MachineState, to as MachineState, actor))
    return known ? [] : [`no edge leads from ${from} to ${to}`]
  })
