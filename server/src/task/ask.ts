// What the owner may have done to a machine once: each writes the task, its record and a wake-up. The reconciler does it
// when the machine is at rest.

import type { Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Snapshot } from '@spoq/contracts/snapshot'
import type { ProvisioningProvider } from '@spoq/providers'
import type { Transaction } from 'kysely'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import type { MachineRow, Tables } from '../db/tables.ts'
import { lockOwnMachine, ownMachine } from '../machine/owner.ts'
import type { MachinePorts } from '../machine/ports.ts'
import { toMachine } from '../machine/shape.ts'
import { dailyPriceOf, templates } from '../template/table.ts'
import { type NewTask, putTask } from './put.ts'
import { toSnapshot } from './shape.ts'
import { findTask, listTasks, type TaskRow } from './store.ts'

/** Snapshots that one machine may have: each costs its operator something. */
const mostSnapshots = 5

/** @throws SpoqError `machine_not_found`, `machine_state`, `not_supported`, `size_unknown`, `price_changed`, `plan_limit`, `provider_failed`. */
export async function resize(
  ports: MachinePorts,
  asker: Asker,
  machine: string,
  { size, centsMonthly }: { size: string; centsMonthly?: number | undefined },
): Promise<Machine> {
  const { provider, region, template } = await ownMachine(ports.db, asker.account, machine)
  supported(ports.providers.get(provider), 'resize')
  if (dailyPriceOf(template))
    throw new SpoqError('not_supported', {
      message: `A ${templates[template].title} keeps its size: its price a day is agreed.`,
      next: `Make another one of the size that you want: spoq provision --template ${template} --size SIZE.`,
    })
  const plan = await ports.planOf(asker.account)
  const place = await ports.placeOf(provider, { region: region ?? undefined, size, centsMonthly }, plan)
  return ports.db.transaction().execute(async trx => {
    const row = await atRest(trx, asker.account, machine)
    const price = { price_cents: place?.price.centsMonthly ?? null, price_currency: place?.price.currency ?? null }
    await ask(ports, trx, asker, row, { kind: 'resize', argument: size, ...price })
    return toMachine(row)
  })
}

/** Asked for again while it is to be done it changes nothing. @throws SpoqError `machine_not_found`, `machine_state`, `not_supported`. */
export async function rotate(ports: MachinePorts, asker: Asker, machine: string): Promise<Machine> {
  const { provider } = await ownMachine(ports.db, asker.account, machine)
  supported(ports.providers.get(provider), 'rotateCredentials')
  return ports.db.transaction().execute(async trx => {
    const row = await atRest(trx, asker.account, machine)
    const before = (await listTasks(trx, row.id, 'rotate')).some(({ state }) => state === 'waiting')
    if (!before) await ask(ports, trx, asker, row, { kind: 'rotate' })
    return toMachine(row)
  })
}

/** @throws SpoqError `machine_not_found`, `machine_state`, `not_supported`, `snapshot_limit`. */
export async function takeSnapshot(
  ports: MachinePorts,
  asker: Asker,
  machine: string,
  name: string | undefined,
): Promise<Snapshot> {
  const { provider } = await ownMachine(ports.db, asker.account, machine)
  supported(ports.providers.get(provider), 'snapshot')
  return ports.db.transaction().execute(async trx => {
    const row = await atRest(trx, asker.account, machine)
    const kept = (await listTasks(trx, row.id, 'snapshot')).filter(
      ({ state }) => state !== 'removed' && state !== 'failed',
    )
    if (kept.length >= mostSnapshots)
      throw new SpoqError('snapshot_limit', { message: `A machine has ${mostSnapshots} snapshots at most.` })
    const argument = name ?? new Date(ports.now()).toISOString().slice(0, 16).replace(/[T:]/g, '-')
    return toSnapshot(await ask(ports, trx, asker, row, { kind: 'snapshot', argument }))
  })
}

/** @throws SpoqError `machine_not_found`, `snapshot_not_found`, `machine_state`. */
export async function restore(ports: MachinePorts, asker: Asker, machine: string, snapshot: string): Promise<Machine> {
  return ports.db.transaction().execute(async trx => {
    const row = await atRest(trx, asker.account, machine)
    await ownSnapshot(trx, row, snapshot, ['done'])
    await ask(ports, trx, asker, row, { kind: 'restore', argument: snapshot })
    return toMachine(row)
  })
}

/** Asked again it changes nothing. @throws SpoqError `machine_not_found`, `snapshot_not_found`. */
export async function removeSnapshot(
  ports: MachinePorts,
  asker: Asker,
  machine: string,
  snapshot: string,
): Promise<Snapshot> {
  return ports.db.transaction().execute(async trx => {
    const row = await lockOwnMachine(trx, asker.account, machine)
    const task = await ownSnapshot(trx, row, snapshot, ['done', 'failed', 'waiting'])
    const before = (await listTasks(trx, row.id, 'remove-snapshot')).some(({ argument }) => argument === snapshot)
    if (!before) await ask(ports, trx, asker, row, { kind: 'remove-snapshot', argument: snapshot })
    return { ...toSnapshot(task), state: 'removing' }
  })
}

async function ask(ports: MachinePorts, trx: Transaction<Tables>, asker: Asker, row: MachineRow, asked: NewTask) {
  const task = await putTask(trx, row, asked, askedBy(asker), ports.now())
  await ports.wake(trx, row.id)
  return task
}

async function atRest(trx: Transaction<Tables>, account: string, machine: string): Promise<MachineRow> {
  const row = await lockOwnMachine(trx, account, machine)
  if (row.state === 'running' || row.state === 'stopped') return row
  throw new SpoqError('machine_state', {
    message: `${row.name} is ${row.state}; this needs one that runs or is stopped.`,
  })
}

async function ownSnapshot(
  trx: Transaction<Tables>,
  row: MachineRow,
  id: string,
  states: readonly TaskRow['state'][],
): Promise<TaskRow> {
  const task = await findTask(trx, id)
  if (task?.machine_id === row.id && task.kind === 'snapshot' && states.includes(task.state)) return task
  throw new SpoqError('snapshot_not_found')
}

const inWords = { resize: 'resize', snapshot: 'snapshot', rotateCredentials: 'change a password' } as const

function supported(provider: ProvisioningProvider | undefined, verb: keyof typeof inWords): void {
  if (provider?.[verb]) return
  throw new SpoqError('not_supported', { message: `${provider?.name ?? 'The provider'} cannot ${inWords[verb]}.` })
}
