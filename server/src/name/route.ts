import { checkName } from '@spoq/contracts/name'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Serve } from '../http/serve.ts'
import { check } from './check.ts'

export function registerNames(serve: Serve, { db, now }: { db: Kysely<Tables>; now: () => number }): void {
  serve.account(checkName, ({ params }, { account }) => check(db, account, params.name, now()))
}
