// For tests: a key service in a folder of its own, gone with the test file.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalKeys, localKeys } from '@spoq/kit/sealed-file'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

export interface TestKeys {
  keys: LocalKeys
  file: string
  remove: () => void
}

export function testKeys(): TestKeys {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-keys-'))
  const file = join(folder, 'kek.json')
  return { keys: localKeys(file), file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** How many secrets need each version. */
export async function countByVersion(db: Kysely<Tables>): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('secret')
    .select(['key_version', sql<string>`count(*)`.as('count')])
    .groupBy('key_version')
    .execute()
  return Object.fromEntries(rows.map(({ key_version, count }) => [key_version, Number(count)]))
}
