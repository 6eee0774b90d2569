import type { ProviderName } from '@spoq/contracts/machine'
import { newId } from '../db/new-id.ts'
import type { NewMachineRow } from '../db/tables.ts'
import type { KnownTemplate } from '../template/table.ts'
import type { Place } from './ports.ts'

/** A machine that is wanted from now on; whose it is and what it is called stands elsewhere. */
export function newRow(
  provider: ProviderName,
  template: KnownTemplate,
  place: Place | null,
  now: number,
): Omit<NewMachineRow, 'account_id' | 'name'> & { id: string } {
  return {
    id: newId('mach'),
    provider,
    template,
    region: place?.region ?? null,
    size: place?.size ?? null,
    price_cents: place?.price.centsMonthly ?? null,
    price_currency: place?.price.currency ?? null,
    wanted: 'running',
    holds: '[]',
    state: 'pending',
    stage: 'waiting for its turn',
    created_at: new Date(now),
    updated_at: new Date(now),
  }
}
