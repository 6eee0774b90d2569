import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where distributions put it: a user's PATH often names none of these. */
const usual = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin']

/** The whole path of this computer's sshd, which it starts itself by; null when there is none. */
export function findSshd(path = process.env.PATH ?? ''): string | null {
  const folders = [...usual, ...path.split(delimiter).filter(folder => folder.startsWith('/'))]
  return folders.map(folder => join(folder, 'sshd')).find(isProgram) ?? null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
