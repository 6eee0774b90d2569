import type { Models } from '../model/index.ts'
import type { RuleStore } from '../rule/index.ts'
import type { SessionStore } from '../session/store.ts'
import type { Tool } from '../tool/tool.ts'
import type { ClientRequests } from './client-requests.ts'

/** What every turn of a machine works with. */
export interface Workshop {
  store: SessionStore
  models: Models
  machineTools: readonly Tool[]
  clientTools: readonly Tool[]
  requests: ClientRequests
  workspace: string
  /** Whether commands run in a sandbox. */
  isolated: boolean
  rules: RuleStore
  newId: (kind: string) => string
  /** Text that comes within so many ms is one event. */
  gatherMs: number
  /** Times that a failed model call is repeated. */
  retries: number
}
