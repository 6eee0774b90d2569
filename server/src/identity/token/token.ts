import type { IdentityDb } from '../tables.ts'

/** What the verbs of tokens and of trusts take. */
export interface TokenDeps {
  db: IdentityDb
  now: () => number
  ownsMachine: (account: string, machine: string) => Promise<boolean>
}
