import type { Checkpoints } from '../checkpoint/index.ts'
import type { Database } from '../log/index.ts'
import type { Models } from '../model/index.ts'
import type { RuleStore } from '../rule/index.ts'
import type { ClientRequests, Turns } from '../turn/index.ts'
import type { SessionStore } from './store.ts'

/** What the verbs of a session work with. */
export interface Sessions {
  store: SessionStore
  rules: RuleStore
  checkpoints: Checkpoints
  transaction: Database['transaction']
  turns: Turns
  models: Models
  requests: ClientRequests
  newId: (kind: string) => string
}
