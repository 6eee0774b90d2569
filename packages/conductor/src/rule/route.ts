import { posix } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import * as route from '@spoq/contracts/rule'
import type { Serve } from '../http/serve.ts'
import type { RuleStore } from './store.ts'

/** Binds the rules' routes. */
export function ruleRoutes(serve: Serve, rules: RuleStore): void {
  serve(route.listRules, () => ({ rules: rules.list() }))
  serve(route.addRule, ({ body: { rule, effect, folder } }, { by }) => {
    const scope = folder === null ? 'always' : 'project'
    return rules.add({ rule, effect, scope, session: null, folder: folder === null ? null : folderOf(folder), by })
  })
  serve(route.removeRule, ({ params }) => rules.remove(params.rule))
}

/** A folder of the workspace, by its path; empty for the workspace itself. */
function folderOf(path: string): string {
  const tidy = posix.normalize(path).replace(/\/$/, '')
  if (posix.isAbsolute(tidy) || tidy.split('/').includes('..'))
    throw new SpoqError('invalid_request', { message: `${path} is no folder below the workspace.` })
  return tidy === '.' ? '' : tidy
}
