// What a folder holds now: its manifest, and what of it stays out.

import { rmSync } from 'node:fs'
import { type IgnoreRules, rulesAbove } from '../files/index.ts'
import { type Entry, inOrder, type Manifest } from './entry.ts'
import { fileEntry } from './file-entry.ts'
import { homeRule } from './home-rule.ts'
import { digester, digestOf } from './manifest.ts'
import type { Named } from './message.ts'
import type { Place } from './place.ts'
import { readAll, type WalkedFile } from './read-all.ts'
import { isOlder, type Remembered, rememberedOf, type StatCache, stateOf, statsIn } from './stat-cache.ts'
import { walk } from './walk.ts'

export interface Scan {
  manifest: Manifest
  /** Of the manifest. */
  digest: string
  /** What stays home by rule; folders end with a slash. */
  left: string[]
  /** What could not be taken: its kind, its name, or because it changed while it was read. */
  refused: Named[]
  /** For the next time: what was read, but what was changed in that very moment. */
  cache: StatCache
  /** The same, with what is known of the folder as a whole. */
  remembered: Remembered
  /** Whether that is another than before. */
  isNews: boolean
  /** The folders that were looked into, '' for the whole. */
  folders: string[]
  /** Whether the rules here keep a path home that may not be here. */
  staysHome: (path: string) => boolean
}

interface Options {
  known: Remembered
  include?: readonly string[]
  now?: () => number
  /** Told of each file that is read, with its bytes. */
  onRead?: (bytes: number) => void
}

/** Reads a folder. Leftovers of a sync that was cut off are removed: the caller holds the folder alone. */
export async function scan(place: Place, options: Options): Promise<Scan> {
  const { known, include = [], now = Date.now } = options
  const beganMs = now()
  const [files, links]: [WalkedFile[], Entry[]] = [[], []]
  const [left, refused]: [string[], Named[]] = [[], []]
  const rules = new Map<string, IgnoreRules>()
  const around = await rulesAbove(place.root)
  const walked = digester()
  await walk(place, around, { include, rules }, one => {
    if (one.kind === 'file') {
      walked.add(`${one.path}\0${one.state}\n`)
      files.push(one)
    } else if (one.kind === 'link') {
      walked.add(`${one.path}\0> ${one.target}\n`)
      links.push({ kind: 'link', path: one.path, target: one.target })
    } else if (one.kind === 'left') left.push(one.path)
    else if (one.kind === 'refused') refused.push({ path: one.path, why: one.why })
    else rmSync(one.at, { force: true })
  })
  const seen = { files, links, walked: walked.digest() }
  const found = known.whole?.walked === seen.walked ? asBefore(seen, known) : await read(place, seen, beganMs, options)
  refused.push(...found.refused)
  return Object.assign(found.held, {
    left,
    refused,
    isNews: found.isNews,
    folders: [...rules.keys()],
    staysHome: homeRule(rules, around, include),
  })
}

interface Seen {
  files: WalkedFile[]
  links: Entry[]
  walked: string
}

interface Found {
  held: Pick<Scan, 'manifest' | 'digest' | 'cache' | 'remembered'>
  refused: Named[]
  isNews: boolean
}

/** All is as it was: what that is, is put together when somebody asks. */
function asBefore({ files, links }: Seen, known: Remembered): Found {
  let manifest: Manifest | undefined
  const together = () => {
    const cache = known.cache()
    return manifestOf([
      ...links,
      ...files.map(({ path, state }) => fileEntry(path, statsIn(state), hashIn(cache, path))),
    ])
  }
  const held = {
    get manifest() {
      manifest ??= together()
      return manifest
    },
    digest: known.whole?.digest ?? '',
    get cache() {
      return known.cache()
    },
    remembered: known,
  }
  return { held, refused: [], isNews: false }
}

async function read(
  place: Place,
  { files, links, walked }: Seen,
  beganMs: number,
  { known, onRead }: Options,
): Promise<Found> {
  const [entries, refused, unread]: [Entry[], Named[], WalkedFile[]] = [links, [], []]
  const [before, cache]: [StatCache, StatCache] = [known.cache(), new Map()]
  let reads = 0
  for (const file of files) {
    const one = before.get(file.path)
    if (one?.state !== file.state) unread.push(file)
    else {
      const stats = statsIn(file.state)
      entries.push(fileEntry(file.path, stats, one.sha256))
      if (isOlder(stats, beganMs)) cache.set(file.path, one)
    }
  }
  await readAll(place, unread, {
    done: (path, { stats, sha256 }) => {
      onRead?.(stats.size)
      entries.push(fileEntry(path, stats, sha256))
      reads++
      if (isOlder(stats, beganMs)) cache.set(path, { state: stateOf(stats), sha256 })
    },
    failed: (path, why) => refused.push({ path, why }),
  })
  const manifest = manifestOf(entries)
  const digest = digestOf(manifest)
  // What was read is what was walked over, as a whole, only when nothing of it changed meanwhile.
  const isWhole = files.every(({ path, state }) => cache.get(path)?.state === state)
  const remembered = rememberedOf(cache, isWhole ? { walked, digest } : null)
  const isNews = reads > 0 || cache.size !== before.size || (isWhole && known.whole?.walked !== walked)
  return { held: { manifest, digest, cache, remembered }, refused, isNews }
}

function hashIn(cache: StatCache, path: string): string {
  const known = cache.get(path)
  if (!known) throw new Error('what is known of the folder is not whole: remove it to have all files read again')
  return known.sha256
}

const manifestOf = (entries: Entry[]): Manifest => new Map(inOrder(entries).map(one => [one.path, one]))
