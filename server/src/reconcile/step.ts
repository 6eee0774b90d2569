// One action on one machine: the row as this step last wrote it, and how it writes. Somebody else's change in between
// throws StaleRow; the action then is void, and whatever it did is found again by looking.

import type { MachineState } from '@spoq/contracts/machine'
import type { MachineSpec, ProvisioningProvider } from '@spoq/providers'
import { backoffMs } from '../backoff.ts'
import type { MachineChange, MachineRow } from '../db/tables.ts'
import { change, move } from '../machine/move.ts'
import type { ReconcilePorts } from './ports.ts'

export interface Step extends ReconcilePorts {
  provider: ProvisioningProvider
  row: MachineRow
}

/** Changes the row but for its state. */
export async function write(step: Step, changed: Omit<MachineChange, 'state'>): Promise<void> {
  const { db, row, now } = step
  step.row = await db.transaction().execute(trx => change(trx, row, changed, now()))
}

/** Changes the state, with its audit record. */
export async function writeState(step: Step, to: MachineState, changed: MachineChange, reason?: string): Promise<void> {
  const { db, row, now, log } = step
  const cause = {
    actor: 'reconciler',
    by: 'reconciler',
    action: 'machine.state',
    ...(reason ? { reason } : {}),
  } as const
  step.row = await db.transaction().execute(trx => move(trx, row, to, cause, now(), changed))
  log('info', 'machine.state', { machine: row.id, from: row.state, to })
}

/** What the machine is to be, for a create. `anew`: its set-up begins from the beginning. */
export async function specOf(step: Step, anew = false): Promise<MachineSpec> {
  const { row, issuer, jwksUrl, provider, setup, tunnels } = step
  const script = provider.capabilities.setUp === 'script' ? await setup?.scriptFor(row, anew) : undefined
  if (provider.capabilities.setUp === 'ssh') await setup?.begin(row, anew)
  const tunnel = (await tunnels?.offers([row]))?.get(row.id)
  return {
    ...(row.region === null ? {} : { region: row.region }),
    ...(row.size === null ? {} : { size: row.size }),
    ...(script === undefined ? {} : { setUpScript: script }),
    ...(tunnel ? { tunnel } : {}),
    machine: row.id,
    name: row.name,
    owner: row.account_id,
    issuer,
    jwksUrl,
  }
}

/** What is written before the provider is asked: a try more, the pause after it, and what a person is told meanwhile. */
export function oneMoreTry({ row, now }: Step, stage: string | null = row.stage) {
  const attempts = row.attempts + 1
  return { attempts, next_attempt_at: new Date(now() + backoffMs(attempts)), stage }
}
