// For tests: what the verbs of machines need, over a database of their own.

import type { ProviderName } from '@spoq/contracts/machine'
import type { ProvisioningProvider } from '@spoq/providers'
import { newId } from '../db/new-id.ts'
import type { Database } from '../db/open.ts'
import type { MachineRow, NewMachineRow } from '../db/tables.ts'
import { plans } from '../plan/table.ts'
import type { MachinePorts } from './ports.ts'

export interface TestPorts extends MachinePorts {
  /** Who was woken, once for each wake that was committed or not. */
  woken: string[]
}

/** `providers` may be names alone where nobody asks them for anything. */
export function testPorts(
  { db }: Database,
  providers: ReadonlyMap<ProviderName, ProvisioningProvider> = new Map([
    ['local', { capabilities: { hardware: 'own' } } as ProvisioningProvider],
  ]),
): TestPorts {
  const woken: string[] = []
  return {
    db,
    providers,
    woken,
    wake: async (_, machine) => {
      woken.push(machine)
    },
    emailOf: async account => `${account}@example.com`,
    isVerified: async () => false,
    placeOf: async () => null,
    prepay: async () => {},
    planOf: async () => plans.enterprise,
    now: Date.now,
  }
}

/** A row as if it had come there by itself. */
export async function putMachine({ db }: Database, put: Partial<NewMachineRow> = {}): Promise<MachineRow> {
  const id = put.id ?? newId('mach')
  const at = new Date(0)
  return db
    .insertInto('machine')
    .values({
      id,
      account_id: 'alice',
      name: `m-${id.slice(-12)}`,
      provider: 'local',
      template: 'spoq',
      wanted: 'running',
      holds: '[]',
      state: 'pending',
      created_at: at,
      updated_at: at,
      ...put,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}
