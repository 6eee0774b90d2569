import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { listMachines, type Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { pickMachine, rememberMachines } from './chosen.ts'

/**
 * The machine that is named, or the only one, in whatever state.
 * @throws SpoqError `no_machine`, `which_machine`, `machine_not_found`
 */
export async function findMachine(context: Context, backend: Target, named = context.machine): Promise<Machine> {
  const { machines } = await call(backend, listMachines)
  rememberMachines(context, backend.origin, machines)
  return picked(machines, named)
}

/** The same; of those that are over too, the newest of its name, where none that is there is called so. */
export async function findAnyMachine(context: Context, backend: Target, named = context.machine): Promise<Machine> {
  const { machines } = await call(backend, listMachines, { query: { all: 'true' } })
  const there = machines.filter(({ state }) => state !== 'terminated')
  return picked(named === undefined ? there : [...there, ...machines], named)
}

function picked(machines: Machine[], named: string | undefined): Machine {
  const machine = pickMachine(machines, named)
  if (machine instanceof SpoqError) throw machine
  return machine
}
