import { hostname, userInfo } from 'node:os'

/** What this computer's keys are called: as its logins are. */
export const computerName = (): string => nameOf(`${userInfo().username}@${hostname()}`)

/** A name in the letters that a device's name has. */
export function nameOf(text: string): string {
  const name = text.replace(/[^\w .@/-]/g, '-')
  return (/^\w/.test(name) ? name : `x${name}`).slice(0, 64)
}
