import { verifyLedger } from '@spoq/contracts/ledger'
import type { Serve } from '../http/serve.ts'
import type { OpenLedger } from './open.ts'
import { verify } from './verify.ts'

export function registerLedger(serve: Serve, { db, headFile }: Pick<OpenLedger, 'db' | 'headFile'>): void {
  serve.admin(verifyLedger, () => verify(db, headFile))
}
