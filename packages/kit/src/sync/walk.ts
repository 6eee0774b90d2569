// All below a folder that is synced, with what the system says of it. No link is followed. It asks the system in slices,
// because a word for each of many files from elsewhere costs more than all else.

import { type Dirent, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { type IgnoreRules, rulesIn } from '../files/index.ts'
import { type OpenFolder, openFolderAt } from './open-folder.ts'
import { temporaryPrefix, whyNoLink, whyNoPath } from './path.ts'
import type { Place } from './place.ts'
import { changedMeanwhile, reasonOf } from './refused.ts'
import { stateOf } from './stat-cache.ts'
import { leadsToIncluded, staysHome } from './stays-home.ts'

export type Walked =
  | { kind: 'file'; path: string; state: string }
  | { kind: 'link'; path: string; target: string }
  /** By rule, and not looked at. Folders end with a slash. */
  | { kind: 'left'; path: string }
  /** It cannot cross, or cannot be read. */
  | { kind: 'refused'; path: string; why: string }
  /** Of a sync that was cut off. */
  | { kind: 'temporary'; at: string }

export interface Walk {
  include: readonly string[]
  /** Gets the rules of each folder that was entered, by its path. */
  rules: Map<string, IgnoreRules>
}

const sliceMs = 8

/** Tells each of them while its folder is open; `at` is good until `tell` returns. */
export async function walk(
  { root, top }: Pick<Place, 'root' | 'top'>,
  around: IgnoreRules,
  options: Walk,
  tell: (one: Walked) => void,
): Promise<void> {
  let began = performance.now()
  await enter(top.at('.'), '', around, false)

  async function enter(at: string, path: string, outer: IgnoreRules, isLeft: boolean): Promise<void> {
    let folder: OpenFolder
    try {
      folder = openFolderAt(at)
    } catch (error) {
      if (path === '') throw error
      return tell({ kind: 'refused', path, why: reasonOf(error) })
    }
    try {
      await list(folder, path, outer, isLeft)
    } finally {
      folder.close()
    }
  }

  async function list(folder: OpenFolder, base: string, outer: IgnoreRules, isLeft: boolean): Promise<void> {
    const entries = readdirSync(folder.at('.'), { withFileTypes: true })
    const hasRules = entries.some(({ name }) => name === '.gitignore')
    const rules = hasRules ? await rulesIn(folder, base, outer) : outer
    options.rules.set(base, rules)
    for (const entry of entries) {
      if (performance.now() - began > sliceMs) {
        await turn()
        began = performance.now()
      }
      const { name } = entry
      const path = base === '' ? name : `${base}/${name}`
      if (name.startsWith(temporaryPrefix)) tell({ kind: 'temporary', at: folder.at(name) })
      else {
        const entering = one(entry, path, folder, rules, isLeft)
        if (entering) await entering
      }
    }
  }

  /** A promise only when there is something to wait for. */
  function one(
    entry: Dirent,
    path: string,
    folder: OpenFolder,
    rules: IgnoreRules,
    isLeft: boolean,
  ): Promise<void> | void {
    const isFolder = entry.isDirectory()
    if (isLeft ? !isNamed(path, options.include) : staysHome(path, isFolder, rules, options.include)) {
      if (isFolder && leadsToIncluded(path, options.include)) return enter(folder.at(entry.name), path, rules, true)
      return isLeft ? undefined : tell({ kind: 'left', path: isFolder ? `${path}/` : path })
    }
    const why = whyNoPath(path)
    if (why) return tell({ kind: 'refused', path, why })
    if (isFolder) return enter(folder.at(entry.name), path, rules, false)
    tell(entry.isFile() ? seenFile(path, `${root}/${path}`) : seenOther(path, folder.at(entry.name)))
  }
}

/** Below a folder that stays home only what is named by its path comes along. */
const isNamed = (path: string, include: readonly string[]) =>
  include.some(one => path === one || path.startsWith(`${one}/`))

/**
 * @param at its path from the root of the disk: the system takes three times as long below an open folder. What it says is only
 * held against what was known of the file; whoever reads it goes by its open folder.
 */
function seenFile(path: string, at: string): Walked {
  try {
    const stats = lstatSync(at)
    return stats.isFile()
      ? { kind: 'file', path, state: stateOf(stats) }
      : { kind: 'refused', path, why: changedMeanwhile }
  } catch (error) {
    return { kind: 'refused', path, why: reasonOf(error) }
  }
}

function seenOther(path: string, at: string): Walked {
  try {
    if (!lstatSync(at).isSymbolicLink())
      return { kind: 'refused', path, why: 'is neither a file nor a folder nor a link' }
    const target = readlinkSync(at)
    const why = whyNoLink(path, target)
    return why ? { kind: 'refused', path, why } : { kind: 'link', path, target }
  } catch (error) {
    return { kind: 'refused', path, why: reasonOf(error) }
  }
}
