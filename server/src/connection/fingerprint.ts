import { createHash } from 'node:crypto'

/** Of `ssh-ed25519 AAAA…`, as `ssh-keygen -lf` shows it. */
export function fingerprintOf(hostKey: string): string {
  const blob = Buffer.from(hostKey.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}
