import type { Plan } from '@spoq/contracts/plan'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { ResolveTxt } from './proof.ts'

export interface DomainPorts {
  db: Kysely<Tables>
  resolveTxt: ResolveTxt
  /** The plan of an account. */
  planOf: (account: string) => Promise<Plan>
  /** Below which the machines have their own names; null where they have none. */
  machineDomain: string | null
  now: () => number
}
