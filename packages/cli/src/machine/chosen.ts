// Which machine is meant, and where it is. Remembered for a while, so that asking needs no word with the backend.

import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { listMachines, type Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { folders } from '../data-dir.ts'
import { isGiven } from '../login/given.ts'
import { writePrivately } from '../private-file.ts'
import { isAsleep } from './asleep.ts'
import { nextOfHolds } from './held.ts'

/** What is remembered of a machine. */
type Known = Pick<Machine, 'id' | 'name' | 'state' | 'endpoint' | 'error'> & Partial<Pick<Machine, 'wanted' | 'holds'>>

interface Remembered {
  server: string
  /** Milliseconds since 1970. */
  at: number
  machines: Known[]
}

const memoryMs = 5 * 60_000

/**
 * The running machine that is named, or the only one.
 * @param again true: what is remembered has proved wrong
 * @throws SpoqError `no_machine`, `which_machine`, `machine_not_found`, `machine_not_running`, `machine_failed`
 */
export async function chosenMachine(context: Context, backend: Target, { again = false } = {}) {
  const remembered = again || isGiven(context) ? undefined : recall(context, backend.origin)
  if (remembered) {
    const machine = pickMachine(remembered, context.machine)
    if (!(machine instanceof SpoqError) && isReachable(machine) && machine.endpoint !== null)
      return { ...machine, endpoint: machine.endpoint }
  }
  const { machines } = await call(backend, listMachines)
  rememberMachines(context, backend.origin, machines)
  const machine = pickMachine(machines, context.machine)
  if (machine instanceof SpoqError) throw machine
  return running(machine)
}

/** The name of the machine that was chosen before, for a person; on a machine itself, that computer's name. */
export function chosenName(context: Context): string {
  const known = recall(context, undefined) ?? []
  const machine = pickMachine(known, context.machine)
  return machine instanceof SpoqError ? (context.machine ?? hostname()) : machine.name
}

/** One of these by name or id; without a name the only one. */
export function pickMachine<M extends Known>(machines: M[], named: string | undefined): M | SpoqError {
  if (named !== undefined) {
    const found = machines.find(({ id, name }) => id === named || name === named)
    return found ?? new SpoqError('machine_not_found', { message: `There is no machine ${named} among yours.` })
  }
  const [only, second] = machines
  if (!only) return new SpoqError('no_machine')
  if (!second) return only
  const names = machines.map(({ name }) => name).join(', ')
  return new SpoqError('which_machine', { message: `You have several machines: ${names}.` })
}

/** Remembers the machines of a server, after they were listed for whatever reason; not those of a sign-in from outside. */
export function rememberMachines(context: Context, server: string, machines: Known[]): void {
  if (isGiven(context)) return
  const known = machines.map(({ id, name, state, endpoint, error, wanted, holds }) => ({
    ...{ id, name, state, endpoint, error },
    ...(isAsleep({ state, wanted, holds }) ? { wanted, holds } : {}),
  }))
  const remembered: Remembered = { server, at: context.now(), machines: known }
  writePrivately(file(context), JSON.stringify(remembered))
}

/** Forgets them, after something was changed. */
export function forgetMachines(context: Context): void {
  if (!isGiven(context)) writePrivately(file(context), '{}')
}

function running(machine: Known) {
  const { name, state, endpoint, error } = machine
  if (state === 'failed')
    throw new SpoqError('machine_failed', {
      message: `${name} could not be made: ${error?.message ?? 'the reason is not known'}`,
    })
  if (!isReachable(machine) || endpoint === null)
    throw new SpoqError('machine_not_running', {
      message: `${name} is ${state}.`,
      ...(state === 'pending' || state === 'provisioning'
        ? { next: 'It is being made: follow it with spoq status --watch.' }
        : { next: nextOfHolds(machine.holds) ?? `Run spoq machine start ${name}.` }),
    })
  return { ...machine, endpoint }
}

/** One that sleeps wakes when it is asked. */
const isReachable = (machine: Known) => machine.state === 'running' || isAsleep(machine)

const file = ({ dataDir }: Context) => join(folders.cli(dataDir), 'machines.json')

/** @param server whose machines; undefined: those that were listed last */
function recall(context: Context, server: string | undefined): Known[] | undefined {
  try {
    const remembered = JSON.parse(readFileSync(file(context), 'utf8')) as Partial<Remembered>
    if (server !== undefined && remembered.server !== server) return undefined
    if (context.now() - (remembered.at ?? 0) > memoryMs) return undefined
    return remembered.machines
  } catch {
    return undefined
  }
}
