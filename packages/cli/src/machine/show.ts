// How machines look on a terminal.

import type { Machine } from '@spoq/contracts/machine'
import { ago, listing, styled, table } from '../output.ts'
import { isAsleep } from './asleep.ts'
import { money } from './quote.ts'

const colours = {
  running: 'green',
  failed: 'red',
  terminated: 'dim',
  terminating: 'yellow',
  pending: 'yellow',
  provisioning: 'yellow',
  stopped: 'dim',
  suspended: 'yellow',
} as const satisfies Record<Machine['state'], string>

/** A line a machine. */
export function machineTable(machines: Machine[], now: number): string {
  const rows = machines.map(machine => [
    machine.name,
    state(machine),
    machine.provider,
    ago(machine.createdAt, now),
    machine.id,
  ])
  return table(['NAME', 'STATE', 'PROVIDER', 'MADE', 'ID'], rows)
}

/** All that is known of a machine, a line each. */
export function machineListing(machine: Machine): string {
  const { name, id, provider, region, size, price, endpoint, error, holds, createdAt } = machine
  return listing({
    name,
    id,
    state: state(machine),
    provider,
    size: size && `${size} in ${region}`,
    price: price && `${money(price)} a month`,
    endpoint,
    holds: holds.join(', '),
    made: createdAt,
    error: error && `${error.message} (${error.code})`,
  })
}

function state(machine: Machine): string {
  const { state, stage } = machine
  if (isAsleep(machine) && !stage) return `${styled(colours[state], 'asleep')}; wakes on the next question`
  return styled(colours[state], state) + (stage ? ` (${stage})` : '')
}
