// The chain of hashes, computed once more from the rows, and held against what was written down outside the database.

import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { readHeads } from './heads.ts'

/** So many blocks are computed at once. */
const group = 50

/** What is wrong with the chain, in words; and how many blocks it has. */
export async function checkChain(db: Kysely<Tables>): Promise<{ found: string[]; blocks: number }> {
  const found: string[] = []
  let last: Block = { n: 0, previous: '', hash: '', computed: '' }
  for (;;) {
    const blocks = await computeAfter(db, last.n)
    if (blocks.length === 0) return { found, blocks: last.n }
    for (const block of blocks) {
      if (block.n !== last.n + 1) found.push(`Block ${last.n + 1} of the chain is missing.`)
      else if (block.previous !== last.hash) found.push(`Block ${block.n} does not follow the one before it.`)
      if (block.hash !== block.computed) found.push(`Block ${block.n} is not what was sealed.`)
      last = block
    }
  }
}

interface Block {
  n: number
  previous: string
  hash: string
  computed: string
}

/** The text is the one of `ledger.seal`; it is written out here, as that could be replaced by whoever owns it. */
async function computeAfter(db: Kysely<Tables>, n: number): Promise<Block[]> {
  const { rows } = await sql<Block>`
    WITH part AS (SELECT * FROM ledger.block WHERE n > ${n} ORDER BY n LIMIT ${group}),
    line AS (
      SELECT entry.tx, jsonb_agg(jsonb_build_array(entry.line, account.code, entry.currency, entry.amount, entry.balance_after,
        entry.version) ORDER BY entry.line) AS lines
      FROM part JOIN ledger.sealed ON sealed.block = part.n
      JOIN ledger.entry ON entry.tx = sealed.tx JOIN ledger.account ON account.id = entry.account
      GROUP BY entry.tx
    ), content AS (
      SELECT part.n, string_agg(jsonb_build_array(tx.id, tx.idem_key, encode(tx.idem_hash, 'hex'), tx.kind,
        (extract(epoch FROM tx.effective_at) * 1000000)::bigint, (extract(epoch FROM tx.recorded_at) * 1000000)::bigint,
        tx.reverses, tx.note, line.lines)::text, E'\n' ORDER BY tx.id) AS text
      FROM part JOIN ledger.sealed ON sealed.block = part.n
      JOIN ledger.tx ON tx.id = sealed.tx LEFT JOIN line ON line.tx = tx.id
      GROUP BY part.n
    )
    SELECT part.n, encode(previous, 'hex') AS previous, encode(hash, 'hex') AS hash,
      encode(sha256(previous || convert_to(coalesce(text, ''), 'UTF8')), 'hex') AS computed
    FROM part LEFT JOIN content ON content.n = part.n ORDER BY part.n`.execute(db)
  return rows.map(row => ({ ...row, n: Number(row.n) }))
}

/** Which heads outside the database the chain does not have, in words; and how many there are. */
export async function checkHeads(db: Kysely<Tables>, file: string): Promise<{ found: string[]; heads: number }> {
  const found: string[] = []
  let heads = 0
  for await (const some of readHeads(file)) {
    const known = await hashesOf(
      db,
      some.flatMap(head => head?.block ?? []),
    )
    for (const head of some) {
      heads++
      if (!head) found.push(`Line ${heads} of ${file} says nothing.`)
      else if (known.get(head.block) !== head.hash)
        found.push(`Block ${head.block} is ${known.has(head.block) ? 'another' : 'missing'}: ${file} has ${head.hash}.`)
    }
  }
  return { found, heads }
}

async function hashesOf(db: Kysely<Tables>, blocks: number[]): Promise<Map<number, string>> {
  const { rows } = await sql<{ n: number; hash: string }>`
    SELECT n, encode(hash, 'hex') AS hash FROM ledger.block
    WHERE n = ANY (${`{${blocks.join()}}`}::text::bigint[])`.execute(db)
  return new Map(rows.map(({ n, hash }) => [Number(n), hash]))
}
