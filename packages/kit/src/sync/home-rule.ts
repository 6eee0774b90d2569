import type { IgnoreRules } from '../files/index.ts'
import { isIncluded, staysHome } from './stays-home.ts'

/** The rules as they hold at any path, also where no folder is. */
export function homeRule(rules: ReadonlyMap<string, IgnoreRules>, around: IgnoreRules, include: readonly string[]) {
  return (path: string): boolean => {
    if (isIncluded(path, include)) return false
    const names = path.split('/')
    let inner = around
    for (let depth = 1; depth <= names.length; depth++) {
      inner = rules.get(names.slice(0, depth - 1).join('/')) ?? inner
      if (staysHome(names.slice(0, depth).join('/'), depth < names.length, inner, include)) return true
    }
    return false
  }
}
