import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { computerName } from './computer-name.ts'
import type { Found } from './found.ts'
import { keysOfFile } from './read-file.ts'

/** The folder of this person's SSH keys. */
export const sshFolder = () => join(homedir(), '.ssh')

/** The one that ssh tries by itself, else one of ours. */
const names = ['id_ed25519', 'id_ed25519_spoq']

/**
 * Makes an Ed25519 key for this computer, in a file of its own that this user alone can read. What is there stays.
 * @throws SpoqError `key_refused` when both names are taken.
 */
export function makeKey(folder = sshFolder()): Found & { privateFile: string } {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const name = names.find(free => !existsSync(join(folder, free)) && !existsSync(join(folder, `${free}.pub`)))
  if (name === undefined)
    throw new SpoqError('key_refused', {
      message: `${join(folder, names.at(-1) ?? '')} is there already.`,
      next: 'Add it with --file and its .pub, or move it away first.',
    })
  const privateFile = join(folder, name)
  const pair = keyPairOf(randomBytes(32), computerName())
  // Exclusively: what came in between is never overwritten.
  writeFileSync(privateFile, pair.private, { mode: 0o600, flag: 'wx', flush: true })
  try {
    writeFileSync(`${privateFile}.pub`, `${pair.public}\n`, { mode: 0o644, flag: 'wx', flush: true })
  } catch (error) {
    rmSync(privateFile, { force: true })
    throw error
  }
  return { ...keysOfFile(`${privateFile}.pub`), privateFile }
}
