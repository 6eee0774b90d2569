// What .gitignore files say, each for the folder that it stands in and all below it.

import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { type Folder, openAt, openFolder, openRegular, readBounded } from './inside.ts'

/** One .gitignore, and what a path below the root is called from where it stands. */
interface Layer {
  rules: Ignore
  from: (path: string) => string
}

/** Outermost first. */
export type IgnoreRules = readonly Layer[]

const mostBytes = 1 << 20

/** The rules that a root inherits from the git repository it stands in; those of the root's own file are not among them. */
export async function rulesAbove(root: string): Promise<IgnoreRules> {
  const realRoot = await realpath(root)
  const layers: Layer[] = []
  for (const path of repositoryAbove(realRoot)) {
    await using folder = await openAt(path)
    const prefix = relative(path, realRoot).split(sep).join('/')
    layers.push(...(await ownRules(folder, below => `${prefix}/${below}`)))
  }
  return layers
}

/** The rules that hold in a folder, given those around it. `path` is the folder's below the root, '' for the root. */
export async function rulesIn(folder: Pick<Folder, 'at'>, path: string, around: IgnoreRules): Promise<IgnoreRules> {
  const own = await ownRules(folder, below => (path === '' ? below : below.slice(path.length + 1)))
  return own.length === 0 ? around : [...around, ...own]
}

/** Whether rules ignore a path below the root; the innermost that says anything decides, as in git. */
export function isIgnored(rules: IgnoreRules, path: string, isFolder: boolean): boolean {
  for (const layer of rules.toReversed()) {
    const { ignored, unignored } = layer.rules.test(layer.from(path) + (isFolder ? '/' : ''))
    if (ignored || unignored) return ignored
  }
  return false
}

/** Whether a file, or a folder that it stands in, is ignored. */
export async function isIgnoredFile(root: string, parts: readonly string[]): Promise<boolean> {
  let rules = await rulesAbove(root)
  for (let depth = 0; depth < parts.length; depth++) {
    await using folder = await openFolder(root, parts.slice(0, depth))
    rules = await rulesIn(folder, parts.slice(0, depth).join('/'), rules)
    if (isIgnored(rules, parts.slice(0, depth + 1).join('/'), depth + 1 < parts.length)) return true
  }
  return false
}

async function ownRules(folder: Pick<Folder, 'at'>, from: Layer['from']): Promise<Layer[]> {
  try {
    await using file = await openRegular(folder, '.gitignore', '.gitignore')
    return [{ rules: ignore().add((await readBounded(file, mostBytes)).toString()), from }]
  } catch {
    return []
  }
}

/** The folders above the root, topmost first, when it stands inside a git repository; else none. */
function repositoryAbove(root: string): string[] {
  const folders: string[] = []
  for (let folder = root; !existsSync(join(folder, '.git')); folder = dirname(folder)) {
    if (dirname(folder) === folder) return []
    folders.unshift(dirname(folder))
  }
  return folders
}
