import type { Verification } from '@spoq/contracts/ledger'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { checkChain, checkHeads } from './chain.ts'
import { sums } from './sums.ts'

/** Of each kind so many are told at most. */
const most = 20

/**
 * Computes everything once more, from the entries on: sums, balances, versions, holds, the chain, and the heads in the file. All of
 * it is of one moment, and changes nothing.
 */
export async function verify(db: Kysely<Tables>, headFile: string): Promise<Verification> {
  return atOneMoment(db, async moment => {
    const wrong = await checkSums(moment)
    const chain = await checkChain(moment)
    const heads = await checkHeads(moment, headFile)
    const findings = [...wrong, ...chain.found.slice(0, most), ...heads.found.slice(0, most)]
    return { findings, transactions: await countAll(moment), blocks: chain.blocks, heads: heads.heads }
  })
}

/** The same without the chain, for each hour: sums, and the heads. */
export async function verifySums(db: Kysely<Tables>, headFile: string): Promise<string[]> {
  return atOneMoment(db, async moment => [
    ...(await checkSums(moment)),
    ...(await checkHeads(moment, headFile)).found.slice(0, most),
  ])
}

function atOneMoment<T>(db: Kysely<Tables>, work: (moment: Kysely<Tables>) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').execute(work)
}

async function checkSums(db: Kysely<Tables>): Promise<string[]> {
  const found: string[] = []
  for (const check of sums) {
    const { rows } = await sql.raw<{ found: string }>(`${check} LIMIT ${most}`).execute(db)
    found.push(...rows.map(row => row.found))
  }
  return found
}

async function countAll(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ count: string }>`SELECT count(*)::text AS count FROM ledger.tx`.execute(db)
  return Number(rows[0]?.count)
}
