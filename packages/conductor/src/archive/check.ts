// Whether a member of an archive may be there, by its header alone.

import { join } from 'node:path'
import type { Header } from 'tar-stream'
import { invalid } from './invalid.ts'
import * as layout from './layout.ts'
import { type Member, manifestName } from './manifest.ts'

/** Where an archive is unpacked: what goes to the machine's folder, and what goes to the workspace. Both are empty. */
export interface Staging {
  folder: string
  workspace: string
}

const mostBytes = 2 ** 50

/** @throws SpoqError `archive_invalid`. */
export function memberOf(header: Header): Member {
  const path = header.type === 'directory' ? header.name.replace(/\/+$/, '') : header.name
  const type = kinds.get(header.type)
  if (!type) throw invalid(`it has a member of the kind ${header.type}`)
  if (!isPath(path)) throw invalid('a name in it leads out of its folder')
  if (!isOurs(path, type)) throw invalid(`it has what no machine has: ${path.slice(0, 60)}`)
  const { mode = 0, mtime, linkname } = header
  const size = type === 'file' ? (header.size ?? 0) : 0
  if (!(size >= 0 && size <= mostBytes)) throw invalid('a size in it cannot be')
  const member = { path, type, mode: mode & 0o777, mtime: Math.floor((mtime?.getTime() ?? 0) / 1_000), size }
  if (type !== 'symlink') return member
  if (!linkname || linkname.includes('\0') || linkname.length > 4_096) throw invalid('a link in it leads nowhere')
  return { ...member, link: linkname }
}

const kinds = new Map<string, Member['type']>([
  ['file', 'file'],
  ['directory', 'directory'],
  ['symlink', 'symlink'],
])

function isPath(path: string): boolean {
  if (Buffer.byteLength(path) > 4_096 || path.includes('\0') || path.includes('\uFFFD')) return false
  return path.split('/').every(part => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= 255)
}

function isOurs(path: string, type: Member['type']): boolean {
  const [top = '', second] = path.split('/')
  const folder = (layout.folders as readonly string[]).includes(top)
  if (!folder) return type === 'file' && [...layout.files, manifestName].includes(path)
  if (second === undefined) return type === 'directory'
  return top === 'workspace' ? second !== layout.inWorkspace : type !== 'symlink'
}

/** Where a member goes. */
export function placeOf({ folder, workspace }: Staging, path: string): string {
  return path.startsWith('workspace/') ? join(workspace, path.slice('workspace/'.length)) : join(folder, path)
}
