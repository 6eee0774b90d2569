import { SpoqError } from '@spoq/contracts/problem'
import type { Token, TokenScope } from '@spoq/contracts/token'
import { record } from '../../audit/record.ts'
import { newId } from '../../db/new-id.ts'
import type { From } from '../../http/from.ts'
import { hashOf, newSecret } from './secret.ts'
import { toToken } from './shape.ts'
import { insertToken } from './store.ts'
import type { TokenDeps } from './token.ts'

interface Asked {
  name: string
  scopes: TokenScope[]
  machine?: string | undefined
  /** Seconds. */
  expiresIn: number
}

/**
 * Makes a token; its secret is known to the caller alone from now on.
 * @throws SpoqError `machine_not_found`, also for another account's.
 */
export async function create(
  { db, now, ownsMachine }: TokenDeps,
  { account, from }: { account: string; from: From },
  asked: Asked,
): Promise<{ token: Token; secret: string }> {
  const machine = asked.machine ?? null
  if (machine !== null && !(await ownsMachine(account, machine))) throw new SpoqError('machine_not_found')
  const id = newId('token')
  const secret = newSecret()
  const at = now()
  const made = {
    id,
    account,
    name: asked.name,
    scopes: [...new Set(asked.scopes)],
    machine,
    hash: hashOf(secret),
    now: at,
    expiresAt: at + asked.expiresIn * 1_000,
  }
  const row = await db.transaction().execute(async tx => {
    const inserted = await insertToken(tx, made)
    const reason = `${made.scopes.join(' ')}${machine ? ` on ${machine}` : ''}`
    await record(
      tx,
      { actor: `account:${account}`, action: 'token.create', resource: id, reason, account, origin: from },
      at,
    )
    return inserted
  })
  return { token: toToken(row), secret }
}
