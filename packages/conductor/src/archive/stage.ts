// Unpacks an archive beside what is there. Nothing of it is believed: names, kinds, sizes and the manifest are checked, and
// what the machine has stays untouched.

import { createHash } from 'node:crypto'
import { constants, statfsSync } from 'node:fs'
import { chmod, lstat, lutimes, mkdir, open, symlink, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Restored } from '@spoq/contracts/archive'
import { SpoqError } from '@spoq/contracts/problem'
import { extract as extracted, type Header } from 'tar-stream'
import { memberOf, placeOf, type Staging } from './check.ts'
import { invalid } from './invalid.ts'
import { type Member, manifestName, tally } from './manifest.ts'
import { manifestReader } from './manifest-reader.ts'
import { againKey } from './read.ts'

/** What stays free on the disk, in bytes. */
const reserve = 32 << 20
const mostMembers = 4_000_000

/**
 * Unpacks all of it, and checks it against its manifest.
 * @throws SpoqError `archive_invalid`, `disk_full`; what was unpacked until then is for the caller to remove.
 */
export async function stage(bytes: AsyncIterable<Uint8Array>, staging: Staging): Promise<Restored> {
  const unpacking = unpackingInto(staging)
  const extract = extracted()
  extract.on('entry', (header: Header, stream: Readable, next: (error?: unknown) => void) => {
    const content = stream.pipe(new PassThrough())
    // It closes only when all of the archive breaks off.
    stream.once('close', () => content.destroy())
    unpacking.add(header, content).then(() => next(), next)
  })
  try {
    await pipeline(Readable.from(bytes, { objectMode: false }), extract)
    return await unpacking.end()
  } catch (error) {
    throw known(error)
  }
}

function unpackingInto(staging: Staging) {
  const sum = tally()
  const manifest = manifestReader()
  const links: Member[] = []
  const folders: Member[] = []
  let members = 0
  let over = false

  async function add(header: Header, stream: Readable): Promise<void> {
    if (over || ++members > mostMembers) throw invalid('it goes on after its manifest, or has too many members')
    const member = memberOf(header)
    if (member.path === manifestName) {
      over = true
      for await (const piece of stream) manifest.take(piece as Buffer)
      return
    }
    if (member.type === 'file') member.sha256 = await writeOne(member, stream, header.pax?.[againKey] === '1')
    else stream.resume()
    if (member.type === 'directory') {
      if (member.path !== 'workspace') await mkdir(placeOf(staging, member.path), { mode: 0o700 })
      folders.push(member)
    }
    if (member.type === 'symlink') {
      member.sha256 = createHash('sha256')
        .update(member.link ?? '')
        .digest('hex')
      links.push(member)
    }
    sum.add(member)
  }

  async function writeOne(member: Member, stream: Readable, again: boolean): Promise<string> {
    const place = placeOf(staging, member.path)
    const { bavail, bsize } = statfsSync(dirname(place))
    if (member.size > bavail * bsize - reserve) throw new SpoqError('disk_full')
    if (again && !(await lstat(place)).isFile()) throw invalid(`${member.path} replaces what is no file`)
    const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW } = constants
    await using handle = await open(place, O_WRONLY | O_NOFOLLOW | (again ? O_TRUNC : O_CREAT | O_EXCL), 0o600)
    const hash = createHash('sha256')
    for await (const piece of stream) {
      hash.update(piece as Buffer)
      await handle.writeFile(piece as Buffer)
    }
    await handle.chmod(member.mode)
    await handle.utimes(member.mtime, member.mtime)
    return hash.digest('hex')
  }

  /** Links last: nothing is ever written through one. Then what folders have of their own, the inner ones first. */
  async function end(): Promise<Restored> {
    const found = sum.end()
    const said = manifest.end()
    if (!over || said.members !== found.sha256 || said.tail?.sha256 !== found.sha256)
      throw invalid('it does not fit its manifest, or was cut off')
    for (const { path, link, mtime } of links) {
      await symlink(link ?? '', placeOf(staging, path))
      await lutimes(placeOf(staging, path), mtime, mtime)
    }
    for (const { path, mode, mtime } of folders.reverse()) {
      if (path === 'workspace') continue
      const place = placeOf(staging, path)
      // A workspace that two users share hands its group on.
      await chmod(place, mode | ((await lstat(place)).mode & 0o2000))
      await utimes(place, mtime, mtime)
    }
    return found
  }

  return { add, end }
}

/** What the system says of a name is about the archive; of room, about the disk; what breaks off, about who sends. */
function known(error: unknown): unknown {
  if (error instanceof SpoqError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SpoqError('disk_full', { cause: error, message: 'There is no room for what is put back.' })
  if (code === 'EEXIST') return invalid('two of its names are the same on this disk', error)
  if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EINVAL'].includes(code))
    return invalid('a name leads nowhere', error)
  if (/tar|header|end of data/i.test(message)) return invalid('it is no tar, or was cut off', error)
  return error
}
