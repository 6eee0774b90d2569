// Which paths and links may cross, the same rules in both directions and on both sides.

const longestPath = 4096
const longestName = 255
const deepest = 100

/** Temporary files begin so; nothing that crosses does. */
export const temporaryPrefix = '.spoq-sync-'

/** Whether a path is that of a temporary file. */
export const isTemporary = (path: string): boolean => path.slice(path.lastIndexOf('/') + 1).startsWith(temporaryPrefix)

/** Why nothing may be read or written at a path, in words that follow it; null when it may. */
export function whyNoPath(path: string): string | null {
  if (path.length < longestPlain && plain.test(path)) return null
  return whyNoPathByEachRule(path)
}

/** Most paths are like this, and these are all allowed: looking closer takes ten times as long. */
const plain = /^(?!(?:.*\/)?(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\/|$))[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/i
/** Less than a name or a hundred folders need. */
const longestPlain = 200

export function whyNoPathByEachRule(path: string): string | null {
  if (path === '') return 'is no name'
  if (!path.isWellFormed() || path.includes('\uFFFD')) return 'is not UTF-8'
  if (path.includes('\0')) return 'holds a NUL'
  if (path.includes('\\')) return 'holds a backslash'
  if (path.startsWith('/')) return 'is absolute'
  if (/^[a-z]:/i.test(path)) return 'begins with a drive letter'
  if (Buffer.byteLength(path) > longestPath) return 'is too long'
  const parts = path.split('/')
  if (parts.length > deepest) return 'is too deep'
  for (const part of parts) {
    const why = whyNoName(part)
    if (why) return why
  }
  return null
}

function whyNoName(name: string): string | null {
  if (name === '' || name === '.') return 'is not written plainly'
  if (name === '..') return 'leads out of the folder'
  if (Buffer.byteLength(name) > longestName) return 'has a name of more than 255 bytes'
  if (deviceNames.test(name)) return 'has the name of a device'
  if (name.startsWith(temporaryPrefix)) return 'has a name that Spoq uses itself'
  return null
}

const deviceNames = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/i

/**
 * Why no link may stand at a path, null when it may. It stays below the folder when it climbs only at its beginning, and
 * from where it stands: after a name, which may be a link itself, `..` could lead anywhere.
 */
export function whyNoLink(path: string, target: string): string | null {
  if (!target.isWellFormed() || /[\0\\]/.test(target) || target === '' || Buffer.byteLength(target) > longestPath)
    return 'is a link that is not written plainly'
  if (target.startsWith('/') || /^[a-z]:/i.test(target)) return 'is a link to an absolute path'
  const parts = target.split('/').filter(part => part !== '' && part !== '.')
  const climbs = parts.findIndex(part => part !== '..')
  const up = climbs === -1 ? parts.length : climbs
  if (up > path.split('/').length - 1 || parts.slice(up).includes('..')) return 'is a link that leads out of the folder'
  return null
}

/** What two names have in common that some disks take for one. */
export const folded = (path: string): string =>
  plain.test(path) ? path.toLowerCase() : path.normalize('NFC').toLowerCase().normalize('NFC')

/** The folders that a path stands in, outermost first. */
export function foldersOf(path: string): string[] {
  const folders: string[] = []
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at))
  return folders
}
