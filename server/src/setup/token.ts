// One-time tokens of set-ups. They follow from the backend's secret, so that a script that is made twice is the same, and
// a server that was ordered by a backend that died is still known.

import { createHash, timingSafeEqual } from 'node:crypto'
import { derive } from '../identity/secret.ts'

export const tokenOf = (secret: string, machine: string, round: number) =>
  derive(secret, `set-up token ${machine} ${round}`)

export const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url')

export function isTokenOf(token: string, hash: string): boolean {
  const [given, kept] = [Buffer.from(hashOf(token)), Buffer.from(hash)]
  return given.length === kept.length && timingSafeEqual(given, kept)
}
