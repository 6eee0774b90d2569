import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Log } from '../log.ts'
import { type Head, noteHead } from './heads.ts'
import { sendSeal } from './store.ts'

export interface SealPorts {
  db: Kysely<Tables>
  now: () => number
  log: Log
  /** The file that the heads are written to. */
  headFile: string
}

/** So many transactions at most are in a block. */
const most = 5_000

/** Puts all that is committed into blocks, each of which has the hash of the one before it. */
export async function seal({ db, now }: Pick<SealPorts, 'db' | 'now'>): Promise<void> {
  while ((await sendSeal(db, most, now())) > 0);
}

/** Writes the head of the chain outside the database: into the file, and as a line of the log. */
export async function publishHead({ db, now, log, headFile }: SealPorts): Promise<void> {
  const head = await findHead(db)
  if (head && (await noteHead(headFile, head, now())))
    log('info', 'ledger.head', { block: head.block, hash: head.hash })
}

async function findHead(db: Kysely<Tables>): Promise<Head | undefined> {
  const { rows } = await sql<Head>`
    SELECT n AS block, encode(hash, 'hex') AS hash FROM ledger.block ORDER BY n DESC LIMIT 1`.execute(db)
  return rows[0] && { ...rows[0], block: Number(rows[0].block) }
}
