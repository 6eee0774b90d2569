import type { Models } from '../model/index.ts'
import type { ClientRequests, Turns } from '../turn/index.ts'
import type { SessionStore } from './store.ts'

/** What the verbs of a session work with. */
export interface Sessions {
  store: SessionStore
  turns: Turns
  models: Models
  requests: ClientRequests
  newId: (kind: string) => string
}
