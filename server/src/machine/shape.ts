import type { Machine } from '@spoq/contracts/machine'
import type { Ending, Health, MachineRow } from '../db/tables.ts'
import { isEnding } from './state.ts'

/** A machine as its owner sees it. */
export function toMachine(row: MachineRow): Machine {
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    template: row.template,
    region: row.region,
    size: row.size,
    price:
      row.price_cents === null || row.price_currency === null
        ? null
        : { centsMonthly: row.price_cents, currency: row.price_currency },
    state: row.state,
    wanted: row.wanted,
    holds: row.holds,
    endpoint: row.endpoint,
    stage: row.stage,
    health: row.health && row.state === 'running' ? healthOf(row.health) : null,
    ending: row.ending && !isEnding(row.state) ? endingOf(row.ending) : null,
    error: row.error_code ? { code: row.error_code, message: row.error_message ?? '' } : null,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

const endingOf = ({ endsAt, copy, backup, reason }: Ending) => ({ endsAt, copy, backup, reason })

const healthOf = ({ state, since, reason }: Health) => ({ state, since, reason })
