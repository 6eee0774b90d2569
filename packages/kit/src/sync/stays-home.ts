// What is not synced: what has the name of a secret, what .gitignore names, what each computer makes for itself.

import { type IgnoreRules, isIgnored, isSecret } from '../files/index.ts'

const ofEachComputer = new Set(['node_modules', '.DS_Store', '.spoq-restore'])

/** Whether a name alone keeps a path home; what is included by its path, its name or a folder around it does not. */
export function isHomeByName(path: string, include: readonly string[]): boolean {
  return path.split('/').some(part => ofEachComputer.has(part) || isSecret(part)) && !isIncluded(path, include)
}

/** Whether a path, its name, or a folder that it stands in is among those to be taken along. */
export function isIncluded(path: string, include: readonly string[]): boolean {
  if (include.length === 0) return false
  const names = path.split('/')
  return include.some(one => path === one || path.startsWith(`${one}/`) || (!one.includes('/') && names.includes(one)))
}

/** Whether something that is to be taken along stands below a folder. */
export const leadsToIncluded = (folder: string, include: readonly string[]): boolean =>
  include.some(one => one.startsWith(`${folder}/`))

/** Whether one entry of a folder stays home by its name or by the rules that hold there. */
export function staysHome(path: string, isFolder: boolean, rules: IgnoreRules, include: readonly string[]): boolean {
  if (isIncluded(path, include)) return false
  return isHomeByName(path.slice(path.lastIndexOf('/') + 1), []) || isIgnored(rules, path, isFolder)
}
