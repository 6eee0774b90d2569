// For tests: a ledger on a database of theirs, with a clock that stands still, and amounts in whole units.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Database } from '../db/open.ts'
import { openBatch } from './batch.ts'
import type { Ledger } from './ports.ts'
import { post } from './post.ts'
import { publishHead, seal } from './seal.ts'
import { sendPosts } from './store.ts'
import { verify } from './verify.ts'

const tables = ['account', 'tx', 'entry', 'hold', 'hold_end', 'open_hold', 'block', 'sealed', 'unsealed', 'due']

export interface TestLedger extends Ledger {
  /** Lets time pass, in ms. */
  pass(ms: number): void
  /** A customer is given something. */
  give(account: string, amount: bigint): Promise<string>
  /** Seals what there is and writes the head down. */
  seal(): Promise<void>
  /** What `verify` has found. */
  findings(): Promise<string[]>
  headFile: string
}

/** Takes everything out of the ledger but the platform's own accounts. */
export async function emptyLedger({ query }: Pick<Database, 'query'>): Promise<void> {
  await query(
    unwatched(
      `TRUNCATE ${tables.filter(name => name !== 'account').map(name => `ledger.${name}`)}; DELETE FROM ledger.account WHERE guarded;`,
    ),
  )
}

/** Statements of an owner who has switched the triggers off. */
export function unwatched(statements: string): string {
  const each = (change: string) => tables.map(name => `ALTER TABLE ledger.${name} ${change};`).join('')
  const always = `DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT tgrelid::regclass AS of, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
      WHERE relnamespace = 'ledger'::regnamespace AND NOT tgisinternal
    LOOP EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', one.of, one.tgname); END LOOP; END $$;`
  return `${each('DISABLE TRIGGER USER')} ${statements}; ${always}`
}

const folder = mkdtempSync(join(tmpdir(), 'spoq-ledger-'))
let count = 0
afterAll(() => rmSync(folder, { recursive: true, force: true }))

export function testLedger({ db }: Pick<Database, 'db'>): TestLedger {
  let time = Date.parse('2026-01-01T00:00:00Z')
  const now = () => time
  const headFile = join(folder, `${++count}.jsonl`)
  const ledger: Ledger = { db, now, batch: openBatch(posts => sendPosts(db, posts, now())) }
  let gifts = 0
  return {
    ...ledger,
    headFile,
    pass: ms => {
      time += ms
    },
    give: async (account, amount) => {
      const lines = [
        { account, amount },
        { account: 'card', amount: -amount },
      ]
      return (await post(ledger, { key: `gift-${++gifts}`, kind: 'top_up', lines })).tx
    },
    seal: async () => {
      await seal(ledger)
      await publishHead({ ...ledger, log: () => {}, headFile })
    },
    findings: async () => (await verify(db, headFile)).findings,
  }
}

/** Two lines: from one account to another. */
export const move = (from: string, to: string, amount: bigint) => [
  { account: from, amount: -amount },
  { account: to, amount },
]
