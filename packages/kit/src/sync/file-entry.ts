import type { BigIntStats } from 'node:fs'
import type { FileEntry } from './entry.ts'

/** A file as manifests have it. */
export function fileEntry(path: string, { size, mode, mtimeNs }: BigIntStats, sha256: string): FileEntry {
  const mtime = Math.max(0, Number((mtimeNs + 500_000n) / 1_000_000n))
  return { kind: 'file', path, size: Number(size), mtime, exec: (Number(mode) & 0o100) !== 0, sha256 }
}
