// The release that machines run, made when it is first asked for and kept in the data folder under a name that follows
// from what is in it: backends of the same build make the same one, so that whichever is asked has it.

import { createHash, randomBytes } from 'node:crypto'
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { ReleaseManifest } from '@spoq/contracts/release'
import type { Log } from '../log.ts'
import { hashOf, tarOf } from './archive.ts'
import { type Contents, contentsOf, productRoot } from './contents.ts'

export type Release = Omit<ReleaseManifest, 'signed'>

export interface Releases {
  /** The release of this build. The first call of a new build takes seconds. @throws SpoqError `release_missing`. */
  current(): Promise<Release>
  /** Where an archive lies, also one of an earlier build; null when there is none. */
  find(file: string): { path: string; bytes: number } | null
  /** Gives up what is being made. */
  stop(): Promise<void>
}

export interface ReleaseOptions {
  /** Where they are kept. */
  folder: string
  log: Log
  /** Default: what this backend itself was started from. */
  root?: string
  node?: string
}

/** Earlier ones are kept for servers whose script names them. */
const kept = 3

export function openReleases({ folder, log, root = productRoot(), node = process.execPath }: ReleaseOptions): Releases {
  const stopping = new AbortController()
  let making: Promise<Release> | undefined
  const make = async () => {
    const contents = contentsOf(root, node)
    const release = await madeOf(contents, folder, stopping.signal)
    removeOld(folder, release.file)
    log('info', 'release.ready', { file: release.file, bytes: release.bytes })
    return release
  }
  return {
    current() {
      making ??= make().catch(error => {
        making = undefined
        throw error
      })
      return making
    },
    find(file) {
      const path = join(folder, file)
      return existsSync(described(path)) && existsSync(path) ? { path, bytes: statSync(path).size } : null
    },
    async stop() {
      stopping.abort()
      await making?.catch(() => {})
    },
  }
}

const described = (archive: string) => `${archive}.json`

async function madeOf({ version, entries }: Contents, folder: string, signal: AbortSignal): Promise<Release> {
  const platform = `${process.platform}-${process.arch}`
  const file = `spoq-${version}-${(await hashOf(entries)).slice(0, 12)}-${platform}.tar.gz`
  const path = join(folder, file)
  if (existsSync(described(path)) && existsSync(path)) return JSON.parse(readFileSync(described(path), 'utf8'))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const aside = `${path}.${randomBytes(4).toString('hex')}`
  try {
    const written = await write(entries, aside, signal)
    const release = { version, platform, file, ...written }
    // The description last: whoever finds it finds a whole archive.
    renameSync(aside, path)
    await writeFile(aside, JSON.stringify(release), { flush: true })
    renameSync(aside, described(path))
    return release
  } finally {
    rmSync(aside, { force: true })
  }
}

async function write(entries: Contents['entries'], path: string, signal: AbortSignal) {
  const hash = createHash('sha256')
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(
    tarOf(entries),
    createGzip({ level: 5 }),
    count,
    createWriteStream(path, { mode: 0o600, flush: true }),
    {
      signal,
    },
  )
  return { sha256: hash.digest('hex'), bytes }
}

function removeOld(folder: string, current: string): void {
  const names = readdirSync(folder).filter(name => name.endsWith('.tar.gz') && name !== current)
  const age = (name: string) => statSync(join(folder, name)).mtimeMs
  for (const name of names.sort((a, b) => age(b) - age(a)).slice(kept - 1)) {
    rmSync(described(join(folder, name)), { force: true })
    rmSync(join(folder, name), { force: true })
  }
}
