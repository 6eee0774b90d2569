import type { Stats } from 'node:fs'
import type { FileEntry } from './entry.ts'

/** A file as manifests have it. */
export function fileEntry(
  path: string,
  { size, mode, mtimeMs }: Pick<Stats, 'size' | 'mode' | 'mtimeMs'>,
  sha256: string,
): FileEntry {
  return { kind: 'file', path, size, mtime: Math.max(0, Math.round(mtimeMs)), exec: (mode & 0o100) !== 0, sha256 }
}
