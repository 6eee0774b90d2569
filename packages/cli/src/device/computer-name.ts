import { hostname, userInfo } from 'node:os'

/** What this computer's keys are called: as its logins are, in the letters that a device's name has. */
export function computerName(): string {
  const name = `${userInfo().username}@${hostname()}`.replace(/[^\w .@/-]/g, '-')
  return (/^\w/.test(name) ? name : `x${name}`).slice(0, 64)
}
