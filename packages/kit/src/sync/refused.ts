/** The other side sent what no honest one sends: nothing more is taken from it. */
export class PeerRefused extends Error {
  override readonly name = 'PeerRefused'

  constructor(why: string, path?: string) {
    super(path === undefined ? why : `${why}: ${JSON.stringify(path).slice(0, 120)}`)
  }
}

/** What both sides say when something was not done because it is another thing by now. */
export const changedMeanwhile = 'was changed meanwhile'
export const diskFull = 'does not fit: the disk is full'

/** A system's reason for not doing something, in words that follow a path. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return reasons[code] ?? (code === '' ? (error as Error).message : `cannot be used (${code})`)
}

const reasons: Record<string, string> = {
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  EACCES: 'may not be used by this user',
  EPERM: 'may not be changed by this user',
  EROFS: 'stands on a disk that cannot be written',
  ELOOP: 'leads through a link',
  ENOTDIR: 'leads through a link or a file',
  EISDIR: 'is a folder there',
  EEXIST: changedMeanwhile,
  ENOENT: changedMeanwhile,
  ENAMETOOLONG: 'is too long a name there',
}
