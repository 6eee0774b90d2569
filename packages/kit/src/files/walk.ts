// Goes through the files below a root, in the order of their names: no links, no .git, no node_modules, nothing ignored.

import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { type IgnoreRules, isIgnored, rulesAbove, rulesIn } from './ignore-rules.ts'
import { type Folder, openAt, openFolder } from './inside.ts'
import type { Access } from './read.ts'
import { isSecret } from './secret-names.ts'

const skipped = new Set(['.git', 'node_modules'])

/** The open folder a file is in, its name there, and its path below the root. */
export interface Walked {
  folder: Folder
  name: string
  path: string
}

/**
 * The regular files below a root, each while its folder is open. Folders that cannot be opened are left out.
 * @param parts the folder to begin in, no link among them; what is ignored above it counts as not ignored.
 */
export async function* walk(root: string, access: Access, parts: readonly string[] = []): AsyncGenerator<Walked> {
  await using folder = await openFolder(root, parts)
  yield* walkFolder(folder, parts.join('/'), await rulesAbove(root), access)
}

async function* walkFolder(folder: Folder, base: string, around: IgnoreRules, access: Access): AsyncGenerator<Walked> {
  const rules = await rulesIn(folder, base, around)
  for (const entry of await entriesOf(folder)) {
    const path = base === '' ? entry.name : `${base}/${entry.name}`
    if (isLeftOut(entry, path, rules, access)) continue
    if (entry.isFile()) yield { folder, name: entry.name, path }
    if (entry.isDirectory()) yield* walkBelow(folder, entry.name, path, rules, access)
  }
}

async function* walkBelow(
  parent: Folder,
  name: string,
  path: string,
  rules: IgnoreRules,
  access: Access,
): AsyncGenerator<Walked> {
  let folder: Folder
  try {
    folder = await openAt(parent.at(name))
  } catch {
    return
  }
  await using _ = folder
  yield* walkFolder(folder, path, rules, access)
}

function isLeftOut(entry: Dirent, path: string, rules: IgnoreRules, access: Access): boolean {
  if (skipped.has(entry.name) || (!access.own && isSecret(entry.name))) return true
  return isIgnored(rules, path, entry.isDirectory())
}

async function entriesOf(folder: Folder): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder.at('.'), { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}
