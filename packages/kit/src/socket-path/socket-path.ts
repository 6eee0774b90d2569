// Where a folder's unix sockets stand. The system allows about 104 bytes for such a path, so a deep folder gets a short
// one of its own in the temporary directory.

import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'

const longest = 100

/**
 * The path of a socket that belongs to a folder: the same for every process of this user that asks.
 * The directory it stands in is made if needed and open to this user alone.
 */
export function socketPath(folder: string, name: string): string {
  const inside = join(resolve(folder), name)
  if (Buffer.byteLength(inside) <= longest) {
    mkdirSync(resolve(folder), { recursive: true, mode: 0o700 })
    return inside
  }
  const hash = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16)
  const short = join(tmpdir(), `spoq-${userInfo().uid}-${hash}`)
  mkdirSync(short, { recursive: true, mode: 0o700 })
  assertOurs(short)
  return join(short, name)
}

/** The temporary directory is everybody's: a directory that another user made there first is not to be trusted. */
function assertOurs(directory: string): void {
  const { uid, mode } = lstatSync(directory)
  const mine = userInfo().uid
  if ((mine !== -1 && uid !== mine) || (mode & 0o077) !== 0)
    throw new Error(`${directory} belongs to somebody else or is open to others: remove it`)
}
