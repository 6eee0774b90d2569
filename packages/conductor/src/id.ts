import { randomBytes } from 'node:crypto'

/** A new identifier of a kind: `sess_4f…`, 80 random bits. */
export const newId = (kind: string): string => `${kind}_${randomBytes(10).toString('hex')}`
