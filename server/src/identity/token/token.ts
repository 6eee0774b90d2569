import type { WebDeps } from '../web-session.ts'

/** What the verbs of tokens and of trusts take. */
export interface TokenDeps extends Pick<WebDeps, 'db' | 'now' | 'ended'> {
  ownsMachine: (account: string, machine: string) => Promise<boolean>
}
