import type { PoolState } from '@spoq/contracts/pool'
import { listing } from '../output.ts'

/** The pool, a line a fact. */
export const poolLines = ({ provider, min, max, maxAgeHours, warm, making, failed }: PoolState): string =>
  listing({
    provider: provider ?? 'none here makes machines ahead',
    'at least': String(min),
    'at most': String(max),
    'no older than': `${maxAgeHours} h`,
    ready: String(warm),
    'in the making': String(making),
    failed: failed > 0 ? String(failed) : null,
  })
