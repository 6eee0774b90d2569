import { createHash } from 'node:crypto'
import { SpoqError } from '@spoq/contracts/problem'
import { jobTokenSeconds } from '@spoq/contracts/trust'
import type { AccessToken } from '../access-token.ts'
import type { IdentityDb } from '../tables.ts'
import type { JobClaims } from './job-token.ts'
import { limitedBy, noteUse, takeOnce, trustsFor } from './store.ts'

interface Deps {
  db: IdentityDb
  now: () => number
  check: (token: string) => Promise<JobClaims>
}

/**
 * What a job may do by the trust that it fits, for 15 minutes; its token is used up by this.
 * @param trust the trust it names. Without one there must be a single one that fits: anybody can trust anybody's jobs.
 * @throws SpoqError as `jobTokenCheck`; `trust_missing`, `which_trust`, `token_invalid` for a token that was used before.
 */
export async function acceptJob({ db, now, check }: Deps, token: string, trust?: string): Promise<AccessToken> {
  const job = await check(token)
  const [row, second] = await trustsFor(db, { repositoryId: job.repository_id, ref: job.ref, trust })
  if (!row)
    throw new SpoqError('trust_missing', { message: `No trust fits repository ${job.repository_id} on ${job.ref}.` })
  if (second) throw new SpoqError('which_trust')
  await db.transaction().execute(async tx => {
    const tokenHash = createHash('sha256').update(job.jti).digest('base64url')
    // A little longer than it is taken, so that clocks that differ give no second use.
    if (!(await takeOnce(tx, tokenHash, job.exp * 1_000 + 60_000)))
      throw new SpoqError('token_invalid', { message: "The job's token was used before." })
    await noteUse(tx, row, { job: `${job.event_name} run ${job.run_id}`.slice(0, 100), now: now() })
  })
  return {
    account: row.account_id,
    client: null,
    login: null,
    scopes: row.scopes,
    expiresAt: now() + jobTokenSeconds * 1_000,
    limited: limitedBy(row),
  }
}
