import type { NewRecord } from './record.ts'

/** Whose request it is, by which id it stands in the audit, and what it came with. */
export interface Asker {
  account: string
  requestId: string
  /** The id of the login, the token or the trust; null for a browser. */
  credential?: string | null
  /** What it came with where that is not a login: a token, or a trusted job. */
  limited?: object | null
}

/** What an audit record says of who asked for something. */
export const askedBy = ({ account, requestId, credential = null }: Asker) =>
  ({ actor: `account:${account}`, requestId, credential }) satisfies Partial<NewRecord>
