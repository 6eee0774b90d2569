import type { Budget } from '@spoq/contracts/model'
import type { Attempts, Models, Spending } from '../model/index.ts'
import type { RuleStore } from '../rule/index.ts'
import type { SessionStore } from '../session/store.ts'
import type { Tool } from '../tool/tool.ts'
import type { ClientRequests } from './client-requests.ts'

/** What every turn of a machine works with. */
export interface Workshop {
  store: SessionStore
  models: Models
  spending: Spending
  /** As it is set now. */
  budget: () => Budget
  /** How a failed model call is repeated. */
  attempts: Attempts
  machineTools: readonly Tool[]
  clientTools: readonly Tool[]
  /** Opens a skill; a turn has it when there are any. */
  skillTool: Tool
  requests: ClientRequests
  workspace: string
  /** Home folders of this computer: the guard keeps them from being removed as a whole. */
  homes: readonly string[]
  /** Whether commands run in a sandbox. */
  isolated: boolean
  rules: RuleStore
  newId: (kind: string) => string
  /** Text that comes within so many ms is one event. */
  gatherMs: number
}
