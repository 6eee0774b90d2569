// How backups look on a terminal.

import type { Backup } from '@spoq/contracts/backup'
import { ago, styled, table } from '../output.ts'

const colours = {
  waiting: 'yellow',
  making: 'yellow',
  ready: 'green',
  failed: 'red',
  removing: 'dim',
} as const satisfies Record<Backup['state'], string>

/** A line a backup. */
export function backupTable(backups: Backup[], now: number, { machines = false } = {}): string {
  const rows = backups.map(({ id, machine, kind, state, bytes, createdAt, expiresAt, error }) => [
    id,
    ...(machines ? [machine] : []),
    kind,
    styled(colours[state], state),
    bytes === null ? '' : sizeInWords(bytes),
    ago(createdAt, now),
    expiresAt.slice(0, 10),
    error?.message ?? '',
  ])
  return table(['ID', ...(machines ? ['MACHINE'] : []), 'KIND', 'STATE', 'SIZE', 'MADE', 'KEPT UNTIL', ''], rows)
}

/** `3.2 MB` */
export function sizeInWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  return `${step === 0 ? bytes : (bytes / 1_000 ** step).toFixed(1)} ${units[step]}`
}
