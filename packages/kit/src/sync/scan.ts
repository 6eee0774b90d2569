// What a folder holds now: its manifest, and what of it stays out.

import { rmSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { type IgnoreRules, rulesAbove } from '../files/index.ts'
import { type Entry, inOrder, type Manifest } from './entry.ts'
import { fileEntry } from './file-entry.ts'
import { hashFile, smallFile } from './hash-file.ts'
import type { Named } from './message.ts'
import { nameOf, type Place } from './place.ts'
import { reasonOf } from './refused.ts'
import { isOlder, type StatCache, stateOf } from './stat-cache.ts'
import { isIncluded, staysHome } from './stays-home.ts'
import { type Walked, walk } from './walk.ts'

export interface Scan {
  manifest: Manifest
  /** What stays home by rule; folders end with a slash. */
  left: string[]
  /** What could not be taken: its kind, its name, or because it changed while it was read. */
  refused: Named[]
  /** For the next time: what was read, but what was changed in that very moment. */
  cache: StatCache
  /** Whether the cache is another one than before. */
  isNews: boolean
  /** The folders that were looked into, '' for the whole. */
  folders: string[]
  /** Whether the rules here keep a path home that may not be here. */
  staysHome: (path: string) => boolean
}

interface Options {
  cache: StatCache
  include?: readonly string[]
  now?: () => number
  /** Told of each file that is read, with its bytes. */
  onRead?: (bytes: number) => void
}

/** Reads a folder. Leftovers of a sync that was cut off are removed: the caller holds the folder alone. */
export async function scan(place: Place, options: Options): Promise<Scan> {
  const { cache: known, include = [], now = Date.now, onRead } = options
  const beganMs = now()
  const [entries, cache]: [Entry[], StatCache] = [[], new Map()]
  const [left, refused]: [string[], Named[]] = [[], []]
  let reads = 0
  const unread: Extract<Walked, { kind: 'file' }>[] = []
  const rules = new Map<string, IgnoreRules>()
  const around = await rulesAbove(place.root)
  await walk(place.top.at('.'), around, { include, rules }, one => {
    if (one.kind === 'left') left.push(one.path)
    else if (one.kind === 'refused') refused.push({ path: one.path, why: one.why })
    else if (one.kind === 'link') entries.push({ kind: 'link', path: one.path, target: one.target })
    else if (one.kind === 'temporary') rmSync(one.at, { force: true })
    else {
      const state = stateOf(one.stats)
      const before = known.get(one.path)
      if (before?.state !== state) return void unread.push(one)
      entries.push(fileEntry(one.path, one.stats, before.sha256))
      if (isOlder(one.stats, beganMs)) cache.set(one.path, before)
    }
  })
  await readAll(place, unread, {
    done: (path, hashed) => {
      onRead?.(Number(hashed.stats.size))
      entries.push(fileEntry(path, hashed.stats, hashed.sha256))
      reads++
      if (isOlder(hashed.stats, beganMs)) cache.set(path, { state: stateOf(hashed.stats), sha256: hashed.sha256 })
    },
    failed: (path, why) => refused.push({ path, why }),
  })
  const manifest = new Map(inOrder(entries).map(one => [one.path, one]))
  const isNews = reads > 0 || cache.size !== known.size
  return {
    manifest,
    left,
    refused,
    cache,
    isNews,
    folders: [...rules.keys()],
    staysHome: homeRule(rules, around, include),
  }
}

interface Reading {
  done: (path: string, hashed: NonNullable<Awaited<ReturnType<typeof hashFile>>>) => void
  failed: (path: string, why: string) => void
}

/** Several at a time, so that large ones are read while others are; each has a megabyte of memory at most. */
const readers = 4
const sliceMs = 8

async function readAll(
  place: Place,
  files: readonly Extract<Walked, { kind: 'file' }>[],
  reading: Reading,
): Promise<void> {
  const [small, large] = [
    files.filter(({ stats }) => stats.size <= smallFile),
    files.filter(({ stats }) => stats.size > smallFile),
  ]
  let began = performance.now()
  const queue = large.values()
  for (const file of small) {
    await readWith(place, file, reading)
    if (performance.now() - began < sliceMs) continue
    await turn()
    began = performance.now()
  }
  await Promise.all(
    Array.from({ length: Math.min(readers, large.length) }, async () => {
      for (const file of queue) await readWith(place, file, reading)
    }),
  )
}

async function readWith(place: Place, file: Extract<Walked, { kind: 'file' }>, reading: Reading): Promise<void> {
  try {
    const at = () => place.open(file.path).at(nameOf(file.path))
    const hashed = await hashFile(at, Number(file.stats.size))
    if (hashed) reading.done(file.path, hashed)
    else reading.failed(file.path, 'changes while it is read')
  } catch (error) {
    reading.failed(file.path, reasonOf(error))
  }
}

/** The rules as they hold at any path, also where no folder is. */
function homeRule(rules: ReadonlyMap<string, IgnoreRules>, around: IgnoreRules, include: readonly string[]) {
  return (path: string): boolean => {
    if (isIncluded(path, include)) return false
    const names = path.split('/')
    let inner = around
    for (let depth = 1; depth <= names.length; depth++) {
      inner = rules.get(names.slice(0, depth - 1).join('/')) ?? inner
      if (staysHome(names.slice(0, depth).join('/'), depth < names.length, inner, include)) return true
    }
    return false
  }
}
