import { randomBytes } from 'node:crypto'

/** A new identifier of ours, 80 random bits: `mach_4f…`. */
export const newId = (kind: string): string => `${kind}_${randomBytes(10).toString('hex')}`
