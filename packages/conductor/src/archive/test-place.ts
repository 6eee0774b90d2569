// For tests: a machine's folder with something of everything in it, and archives made by hand.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { extract, type Header, pack } from 'tar-stream'
import { onTestFinished } from 'vitest'
import { openDatabase } from '../log/index.ts'
import { readArchive } from './read.ts'
import type { Place } from './switch.ts'

export const about = { machine: 'mach_0123456789abcdef0123', conductor: '0.1.0', at: '2026-11-21T10:00:00.000Z' }

/** An empty machine. */
export function emptyPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-archive-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'workspace'))
  openDatabase(join(folder, 'log.sqlite')).close()
  return { folder, workspace: realpathSync(join(folder, 'workspace')) }
}

/** Writes files by their path below the workspace. */
export function fill({ workspace }: Place, files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(workspace, path, '..'), { recursive: true })
    writeFileSync(join(workspace, path), content)
    utimesSync(join(workspace, path), 1_000_000_000, 1_700_000_000)
  }
}

export const link = ({ workspace }: Place, path: string, to: string) => symlinkSync(to, join(workspace, path))

/** The whole archive of a machine. */
export async function archiveOf(place: Place): Promise<Buffer> {
  const database = openDatabase(join(place.folder, 'log.sqlite'))
  try {
    return await buffer(await readArchive({ ...place, sql: database.sql, about }))
  } finally {
    database.close()
  }
}

export interface Unpacked {
  header: Header
  content: Buffer
}

export async function membersOf(archive: Buffer): Promise<Unpacked[]> {
  const members: Unpacked[] = []
  const unpacking = extract()
  unpacking.on('entry', (header: Header, stream: Readable, next: () => void) => {
    const pieces: Buffer[] = []
    stream.on('data', piece => pieces.push(piece))
    stream.on('end', () => {
      members.push({ header, content: Buffer.concat(pieces) })
      next()
    })
  })
  await new Promise((resolve, reject) => {
    unpacking.on('finish', resolve as never)
    unpacking.on('error', reject as never)
    Readable.from([archive]).pipe(unpacking)
  })
  return members
}

/** What the manifest says of what is below a name, each line. */
export async function linesOf(archive: Buffer, below = 'workspace'): Promise<string[]> {
  const manifest = (await membersOf(archive)).at(-1)?.content.toString() ?? ''
  return manifest.split('\n').filter(line => line.startsWith(`{"path":"${below}`))
}

/** A tar of these members as they are given. */
export async function tarOf(members: Unpacked[]): Promise<Buffer> {
  const packing = pack()
  const whole = buffer(packing)
  for (const { header, content } of members)
    await new Promise<void>(resolve => packing.entry({ ...header }, content, () => resolve()))
  packing.finalize()
  return whole
}
