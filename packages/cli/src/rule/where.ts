import type { Rule } from '@spoq/contracts/rule'

/** Where a rule holds, for a person. */
export function whereOf({ scope, session, folder }: Pick<Rule, 'scope' | 'session' | 'folder'>): string {
  if (scope === 'session') return session ?? 'one session'
  if (scope === 'always') return 'everywhere'
  return folder ? `in ${folder}` : 'in the workspace'
}
