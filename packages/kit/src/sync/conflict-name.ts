// How the second of two versions is called.

import { type Entry, isSame, type Manifest } from './entry.ts'
import { folded, foldersOf } from './path.ts'

const longestName = 255

/** Answers free paths beside an entry's: `name.conflict-DEVICE`, with a number when that is taken by something else. */
export function conflictNames(wanted: Manifest): (entry: Entry, device: string) => string {
  let taken: Set<string> | undefined
  return (entry, device) => {
    taken ??= new Set([...wanted.keys()].flatMap(path => [path, ...foldersOf(path)].map(folded)))
    const at = entry.path.lastIndexOf('/') + 1
    const [folder, name] = [entry.path.slice(0, at), entry.path.slice(at)]
    for (let number = 1; ; number++) {
      const suffix = `.conflict-${deviceName(device)}${number === 1 ? '' : `-${number}`}`
      const path = folder + shortened(name, longestName - suffix.length) + suffix
      // It may be there from a time before that was cut off.
      if (taken.has(folded(path)) && !isSame(wanted.get(path), entry)) continue
      taken.add(folded(path))
      return path
    }
  }
}

/** A name that any disk takes. */
export function deviceName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return plain.slice(0, 32) || 'device'
}

/** The beginning of a name that has at most so many bytes, no character cut. */
function shortened(name: string, bytes: number): string {
  const characters = [...name]
  while (Buffer.byteLength(characters.join('')) > bytes) characters.pop()
  return characters.join('')
}
