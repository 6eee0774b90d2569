// A release as bytes: the same entries give the same archive, whoever makes it and when.

import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack as packed } from 'tar-stream'
import type { Entry } from './contents.ts'

/** A part of what follows from the form of the archive alone; a change of the form is a new one. */
const form = 'spoq release 2'

/** Names the archive before it is made: one hash of all that goes into it. */
export async function hashOf(entries: readonly Entry[]): Promise<string> {
  const all = createHash('sha256').update(form)
  for (const entry of entries) {
    const content = createHash('sha256')
    if ('file' in entry) for await (const chunk of createReadStream(entry.file)) content.update(chunk)
    const line = [entry.path, 'link' in entry ? entry.link : entry.executable, content.digest('hex')]
    all.update(`\n${JSON.stringify(line)}`)
  }
  return all.digest('hex')
}

/** The archive in tar's portable form: owned by root, made in 1970. It ends with an error when a file changes meanwhile. */
export function tarOf(entries: readonly Entry[]): Readable {
  const pack = packed()
  const add = async () => {
    for (const entry of entries) await addEntry(pack, entry)
    pack.finalize()
  }
  add().catch(error => pack.destroy(error))
  return pack
}

const always = { mtime: new Date(0) }

async function addEntry(pack: Pack, entry: Entry): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const done = (error?: Error | null) => (error ? reject(error) : resolve())
  if ('link' in entry) {
    pack.entry({ ...always, name: entry.path, type: 'symlink', linkname: entry.link, mode: 0o777 }, done)
    return promise
  }
  const { size } = statSync(entry.file)
  const header = { ...always, name: entry.path, type: 'file', size, mode: entry.executable ? 0o755 : 0o644 }
  const content = pack.entry(header, done)
  await Promise.all([pipeline(createReadStream(entry.file), content), promise])
}
