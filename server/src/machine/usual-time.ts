// How long it takes to make a machine: as long as it took the last ones, by the audit.

import type { ProviderName } from '@spoq/contracts/machine'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

/** How many of the last ones are looked at. */
const lastOnes = 20

/** The median of the seconds from the wish until a machine of this provider first ran; null while none did. */
export async function usualSeconds(db: Kysely<Tables>, provider: ProviderName): Promise<number | null> {
  const { rows } = await sql<{ seconds: number }>`
    SELECT extract(epoch FROM min(audit.at) - made.created_at)::float8 AS seconds
    FROM (
      SELECT id, created_at FROM machine WHERE provider = ${provider} ORDER BY created_at DESC LIMIT ${lastOnes}
    ) AS made
    JOIN audit_record AS audit ON audit.resource = made.id AND audit.to_state = 'running'
    GROUP BY made.id, made.created_at
    ORDER BY 1`.execute(db)
  const middle = rows[Math.floor(rows.length / 2)]
  return middle ? Math.max(1, Math.round(middle.seconds)) : null
}
