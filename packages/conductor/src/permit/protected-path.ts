// Which paths nothing may be done to as a whole: the root, the system's folders, home, the workspace, .git.

import { posix } from 'node:path'
import type { Word } from './shell.ts'

/** Where a command line runs. */
export interface Place {
  /** The real path of the workspace. */
  workspace: string
  /** Home folders of this computer. */
  homes: readonly string[]
}

/** This user's home; none where the user has no entry and no HOME: a container may start a service as any number. */
export function homesOf(find: () => string): string[] {
  try {
    return [find()]
  } catch {
    return []
  }
}

const system =
  '/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /media /mnt /nix /opt /proc /root /run /sbin /srv /sys /usr /var /Applications /Library /System /Users /Volumes /private'.split(
    ' ',
  )

/**
 * Whether a path names a protected folder, an ancestor of the workspace, or all that is in one. `from` is the folder it is
 * relative to; a `*` in it may stand for anything.
 */
export function isProtected(
  word: Word,
  from: string,
  place: Place,
  also: 'workspace' | 'system' = 'workspace',
): boolean {
  return braces(word.text).some(text => {
    const homes = word.home ? [place.workspace, ...place.homes] : [null]
    // ~name is the home of somebody else.
    if (word.home && /^~[^/]+\/?$/.test(text)) return true
    return homes.some(home => {
      const path = posix.resolve(from, home === null ? text : text.replace(/^~/, home))
      return matchesOne(path, place, also) || matchesAll(path, place, also)
    })
  })
}

/** `{a,b}` as the words it stands for. */
export function braces(text: string): string[] {
  const [whole, head = '', list = '', tail = ''] = /^([^{]*)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(text) ?? []
  return whole === undefined ? [text] : list.split(',').flatMap(one => braces(head + one + tail))
}

function matchesOne(path: string, place: Place, also: string): boolean {
  const own = also === 'workspace' ? ancestors(place.workspace) : []
  if ([...system, ...place.homes, ...own].some(one => globMatches(path, one))) return true
  if (also !== 'workspace') return false
  const [folder, name] = [posix.dirname(path), posix.basename(path)]
  // A lone * is not meant for .git: shells leave hidden names out of it.
  return globMatches(name, '.git') && !name.startsWith('*') && !name.startsWith('?') && !folder.includes('/.git/')
}

/** `/*`, `~/.*`, `.git/*`: every name in a protected folder. */
function matchesAll(path: string, place: Place, also: string): boolean {
  const name = posix.basename(path)
  if (!/^[.*?[\]!]*\*[.*]*$/.test(name) && name !== '.*') return false
  const folder = posix.dirname(path)
  return matchesOne(folder, place, also) || posix.basename(folder) === '.git'
}

const ancestors = (path: string): string[] => (path === '/' ? ['/'] : [path, ...ancestors(posix.dirname(path))])

function globMatches(pattern: string, path: string): boolean {
  if (!/[*?[]/.test(pattern)) return pattern === path
  const escaped = pattern.replace(/[.+^${}()|\\]/g, '\\$&')
  const expression = escaped.replace(/\*+/g, '[^/]*').replaceAll('?', '[^/]').replaceAll('[!', '[^')
  try {
    return new RegExp(`^${expression}$`).test(path)
  } catch {
    return pattern === path
  }
}
