import { acceptPolicy, showPolicy } from '@spoq/contracts/policy'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Serve } from '../http/serve.ts'
import { accept } from './accept.ts'
import { policies } from './table.ts'

export function registerPolicies(serve: Serve, ports: { db: Kysely<Tables>; now: () => number }): void {
  serve.anyone(showPolicy, async ({ params }) => policies[params.policy])
  serve.account(acceptPolicy, ({ params, body }, asker) => accept(ports, asker, params.policy, body.version))
}
