// Writes the archive of a machine while it works.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { backup, type DatabaseSync } from 'node:sqlite'
import type { Readable } from 'node:stream'
import { SpoqError } from '@spoq/contracts/problem'
import { type Pack, pack as packed } from 'tar-stream'
import { type WriteFile, writeFile } from './file.ts'
import * as layout from './layout.ts'
import { type Member, manifestName, type Tail, tally } from './manifest.ts'
import { codeOf, openFile, walk } from './walk.ts'

export interface Source {
  /** The machine's folder, and the real path of its workspace. */
  folder: string
  workspace: string
  sql: DatabaseSync
  /** What the manifest begins with. */
  about: { machine: string; conductor: string; at: string }
}

/**
 * All of a machine as a tar. Who does not read on holds no memory; who leaves ends it.
 * @throws SpoqError `disk_full` when there is no room for a copy of the log.
 */
export async function readArchive(source: Source): Promise<Readable> {
  const aside = await mkdtemp(join(source.folder, layout.copying))
  const remove = () => rm(aside, { recursive: true, force: true })
  try {
    await backup(source.sql, join(aside, layout.log))
  } catch (cause) {
    await remove()
    throw new SpoqError('disk_full', { cause, message: "There is no room for a copy of the machine's log." })
  }
  const pack = packed()
  const closed = new AbortController()
  pack.once('close', () => closed.abort())
  void fill(pack, source, aside, closed.signal)
    .catch(error => pack.destroy(error))
    .finally(remove)
  return pack
}

async function fill(pack: Pack, source: Source, aside: string, signal: AbortSignal): Promise<void> {
  const manifest = join(aside, manifestName)
  const sum = tally()
  const uneven = { skipped: 0, torn: 0 }
  let lines = `${JSON.stringify({ form: 1, ...source.about })}\n`
  const flush = async () => {
    await appendFile(manifest, lines)
    lines = ''
  }
  const say = (line: string) => {
    lines += line
  }
  const added = (member: Member) => say(sum.add(member))
  const skip = (path: string, why: string) => {
    uneven.skipped++
    say(`${JSON.stringify({ skipped: path, why })}\n`)
  }
  const write: WriteFile = (member, content, again) => writeMember(pack, member, { content, again }, signal)
  const addFile = async (path: string, at: string) => {
    try {
      if (await writeFile({ path, at }, write, added)) return
      uneven.torn++
      say(`${JSON.stringify({ torn: path })}\n`)
    } catch (error) {
      if (signal.aborted) throw error
      const code = codeOf(error)
      if (!gone.includes(code)) skip(path, code)
    }
  }

  await addFile(layout.log, join(aside, layout.log))
  for (const name of layout.files)
    if (name !== layout.log && existsSync(join(source.folder, name))) await addFile(name, join(source.folder, name))
  for (const name of layout.folders) {
    const folder = name === 'workspace' ? source.workspace : join(source.folder, name)
    if (!existsSync(folder)) continue
    for await (const found of walk(folder, name, name === 'workspace' ? [layout.inWorkspace] : [])) {
      if (found.kind === 'file') await addFile(found.path, found.at)
      else if (found.kind === 'skipped') skip(found.path, found.why)
      else {
        const member = memberOf(found)
        await writeMember(pack, member, {}, signal)
        added(member)
      }
      if (lines.length > 1 << 16) await flush()
    }
  }
  say(`${JSON.stringify({ ...sum.end(), ...uneven } satisfies Tail)}\n`)
  await flush()
  const member = { path: manifestName, type: 'file' as const, mode: 0o600, mtime: 0 }
  await using handle = await openFile(manifest)
  const { size } = await handle.stat()
  await writeMember(pack, { ...member, size }, { content: handle.createReadStream({ autoClose: false }) }, signal)
  pack.finalize()
}

/** A file that was replaced by something else while it was being read. */
const gone = ['ENOENT', 'ELOOP', 'ENXIO', 'ENOTDIR']

function memberOf(found: { path: string; kind: 'directory' | 'symlink'; mode: number; mtime: number; link?: string }) {
  const { path, kind: type, mode, mtime, link } = found
  const ofLink = link === undefined ? {} : { sha256: createHash('sha256').update(link).digest('hex'), link }
  return { path, type, mode, mtime, size: 0, ...ofLink } satisfies Member
}

/** @param again it stands in the place of one of the same path before: who unpacks must expect it. */
async function writeMember(
  pack: Pack,
  { path, type, mode, mtime, size, link }: Omit<Member, 'sha256'>,
  { content, again = false }: { content?: Buffer | AsyncIterable<Buffer>; again?: boolean },
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  const left = () => reject(signal.reason)
  signal.addEventListener('abort', left)
  const settle = (error?: Error | null) => (error ? reject(error) : resolve())
  done.catch(() => {}).finally(() => signal.removeEventListener('abort', left))
  // Without a bit of the type a mode of 0 would count as none.
  const header = { name: path, type, mode: mode | 0o100_000, mtime: new Date(mtime * 1_000), size, linkname: link }
  if (Buffer.isBuffer(content)) pack.entry({ ...header, ...(again ? againHeader : {}) }, content, settle)
  else if (content) {
    const sink = pack.entry({ ...header, ...(again ? againHeader : {}) }, settle)
    for await (const piece of content) if (!sink.write(piece)) await once(sink, 'drain', { signal })
    sink.end()
  } else pack.entry(header, settle)
  await done
}

/** In the headers of a member: it replaces the one before. */
export const againKey = 'SPOQ.again'
const againHeader = { pax: { [againKey]: '1' } }
