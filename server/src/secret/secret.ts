// What the verbs of secrets share. A secret is sealed by `@spoq/kit/sealed-file`; a row of another noun holds its id.

import type { Binding, KeyWrapper } from '@spoq/kit/sealed-file'
import type { Kysely } from 'kysely'
import type { SecretRow, Tables } from '../db/tables.ts'

export interface SecretDeps {
  db: Kysely<Tables>
  keys: KeyWrapper
  now: () => number
}

/** Whose a secret is and what for: it opens only for who says all of this again. */
export interface SecretPlace {
  account: string
  /** What it may be used for: `model-key`. */
  kind: string
  /** Which one of theirs: `anthropic`. */
  name: string
}

/** What is authenticated with a secret: its row, its account, its use. */
export function bindingOf(id: string, { account, kind, name }: SecretPlace): Binding {
  return { owner: account, name: `${id} ${name}`, purpose: `secret ${kind}` }
}

export const placeOf = (row: SecretRow): SecretPlace => ({ account: row.account_id, kind: row.kind, name: row.name })
