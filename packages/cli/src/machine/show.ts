// How machines look on a terminal.

import type { Machine } from '@spoq/contracts/machine'
import { ago, listing, styled, table } from '../output.ts'
import { isAsleep } from './asleep.ts'
import { holdsInWords } from './held.ts'
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
  const { name, id, provider, template, region, size, price, endpoint, error, ending, health, holds, createdAt } =
    machine
  return listing({
    name,
    id,
    state: state(machine),
    provider,
    template: template === 'spoq' ? null : template,
    size: size && `${size} in ${region}`,
    price: price && `${money(price)} a month`,
    endpoint,
    health: health && healthInWords(health),
    holds: holdsInWords({ holds }),
    ending: ending && endingInWords(ending),
    made: createdAt,
    error: error && `${error.message} (${error.code})`,
  })
}

function state(machine: Machine): string {
  const { state, stage, ending, health } = machine
  if (isAsleep(machine) && !stage) return `${styled(colours[state], 'asleep')}; wakes on the next question`
  return (
    styled(colours[state], state) +
    (health?.state === 'unhealthy' ? styled('red', ', unhealthy') : '') +
    (stage ? ` (${stage})` : '') +
    (ending ? `, ends ${ending.endsAt.slice(0, 10)}` : '')
  )
}

function endingInWords({ endsAt, copy, backup, reason }: NonNullable<Machine['ending']>): string {
  const kept = {
    none: 'nothing is kept',
    making: 'its final backup is being made',
    ready: `its final backup is ${backup}`,
    failed: `no final backup yet: ${reason}`,
  }
  return `on ${endsAt.slice(0, 16).replace('T', ' ')} UTC; ${kept[copy]}`
}

const healthInWords = ({ state, since, reason }: NonNullable<Machine['health']>): string =>
  `${state} since ${since.slice(0, 16).replace('T', ' ')} UTC${reason ? `: ${reason}` : ''}`
