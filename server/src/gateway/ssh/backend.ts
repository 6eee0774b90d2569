// What the gateway asks its backend about SSH.

import type { Answer } from '@spoq/client/answer'
import { call, type Sent } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { announceSsh, endSsh, enterBySsh, reportSsh, type SshEntry } from '@spoq/contracts/gateway'
import type { Route } from '@spoq/contracts/http'

export interface Knock {
  name: string
  profile: string
  key: string
  address: string
}

export interface Was {
  reason: string
  kinds: string[]
  bytesIn: number
  bytesOut: number
}

export interface SshBackend {
  announce(keys: { hostKey: string; authority: string }): Promise<void>
  /** @throws SpoqError `not_found` for all who may not; or why it cannot be now. */
  enter(knock: Knock): Promise<SshEntry>
  end(session: string, was: Was): Promise<void>
  /** Answers those that may no longer be. */
  report(sessions: string[]): Promise<string[]>
}

const patienceMs = 5_000
/** A machine may have to be told of the gateway first. */
const enterMs = 15_000

export function sshBackend(target: Target, gateway: string): SshBackend {
  const ask = <R extends Route>(route: R, sent: Sent<R>, ms = patienceMs): Promise<Answer<R>> =>
    call(target, route, { ...sent, signal: AbortSignal.timeout(ms) })
  return {
    announce: async keys => void (await ask(announceSsh, { body: { gateway, ...keys } })),
    enter: knock => ask(enterBySsh, { body: { gateway, ...knock } }, enterMs),
    end: async (session, was) => void (await ask(endSsh, { params: { session }, body: was })),
    report: async sessions => (await ask(reportSsh, { body: { gateway, sessions } })).cut,
  }
}
