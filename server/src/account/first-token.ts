// The one-time token that makes the first account. Whoever can read this user's files may; nobody else on the computer.

import { timingSafeEqual } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const firstTokenFile = (dataDir: string) => join(dataDir, 'server', 'first-account-token')

/** Writes the token (mode 0600) while there is no account; takes a left one away once there is one. */
export function placeFirstToken(dataDir: string, hasAccount: boolean, token: string): void {
  if (hasAccount) {
    removeFirstToken(dataDir)
    return
  }
  mkdirSync(join(dataDir, 'server'), { recursive: true, mode: 0o700 })
  writeFileSync(firstTokenFile(dataDir), token, { mode: 0o600 })
}

export function removeFirstToken(dataDir: string): void {
  rmSync(firstTokenFile(dataDir), { force: true })
}

/** Whether a token is the one that waits. */
export function isFirstToken(dataDir: string, token: string): boolean {
  const expected = readFirstToken(firstTokenFile(dataDir))
  if (expected === null) return false
  const given = Buffer.from(token)
  const wanted = Buffer.from(expected)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function readFirstToken(file: string): string | null {
  try {
    const token = readFileSync(file, 'utf8')
    return token.length >= 43 ? token : null
  } catch {
    return null
  }
}
