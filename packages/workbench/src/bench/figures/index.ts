import type { Figure } from '../figure.ts'
import { ledger } from './ledger.ts'
import { memory } from './memory.ts'
import { ssh } from './ssh.ts'
import { startUp } from './start-up.ts'
import { status } from './status.ts'
import { tokens } from './tokens.ts'
import { tunnel } from './tunnel.ts'
import { wake } from './wake.ts'
import { warmClaim } from './warm-claim.ts'
import { webhooks } from './webhooks.ts'

export const figures: Figure[] = [
  ...startUp,
  status,
  tokens,
  ...memory,
  ...tunnel,
  ...ssh,
  ...warmClaim,
  wake,
  ...webhooks,
  ...ledger,
]
