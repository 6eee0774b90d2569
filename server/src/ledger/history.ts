import { sql } from 'kysely'
import type { Ledger } from './ports.ts'
import { accountCode, checked, wholeId } from './shape.ts'

export interface Movement {
  tx: string
  kind: string
  /** In micro-units. */
  amount: bigint
  balanceAfter: bigint
  effectiveAt: Date
  recordedAt: Date
  /** The transaction that this one takes back. */
  reverses: string | null
  note: string | null
}

export interface Page {
  movements: Movement[]
  /** What to ask for the page after this; null: there is none. */
  next: string | null
}

interface Asked {
  account: string
  /** `next` of the page before. */
  before?: string | undefined
  limit?: number | undefined
}

/** The movements of a customer, newest first. Postings that come while one turns pages are on none of them, and move none. */
export async function history({ db }: Pick<Ledger, 'db'>, { account, before, limit = 50 }: Asked): Promise<Page> {
  const most = Math.min(Math.max(limit, 1), 200)
  const below = before === undefined ? null : wholeId(before)
  const { rows } = await sql<Row>`
    SELECT tx.id::text AS tx, tx.kind, entry.amount::text, entry.balance_after::text, entry.version::text,
      tx.effective_at, tx.recorded_at, tx.reverses::text, tx.note
    FROM ledger.account JOIN ledger.entry ON entry.account = account.id JOIN ledger.tx ON tx.id = entry.tx
    WHERE account.code = ${checked(accountCode, account)} AND account.guarded
      AND (${below}::bigint IS NULL OR entry.version < ${below}::bigint)
    ORDER BY entry.version DESC LIMIT ${most + 1}`.execute(db)
  const shown = rows.slice(0, most)
  return { movements: shown.map(movementOf), next: rows.length > most ? (shown.at(-1)?.version ?? null) : null }
}

interface Row {
  tx: string
  kind: string
  amount: string
  balance_after: string
  version: string
  effective_at: Date
  recorded_at: Date
  reverses: string | null
  note: string | null
}

const movementOf = ({ amount, balance_after, effective_at, recorded_at, version: _, ...row }: Row): Movement => ({
  ...row,
  amount: BigInt(amount),
  balanceAfter: BigInt(balance_after),
  effectiveAt: effective_at,
  recordedAt: recorded_at,
})
