// What the gateway asks its backend about SSH.

import type { Answer } from '@spoq/client/answer'
import { call, type Sent } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import {
  announceSsh,
  askBySsh,
  dropQuestion,
  endSsh,
  enterByAnswer,
  enterBySsh,
  reportSsh,
  type SshEntry,
} from '@spoq/contracts/gateway'
import type { Route } from '@spoq/contracts/http'

/** Whom somebody wants in to, and from where. */
export interface Wish {
  name: string
  profile: string
  address: string
}

export type Knock = Wish & { key: string }

export interface Asked {
  question: string
  words: string
  /** Where they are typed in. */
  page: string
  seconds: number
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
  /** Begins a question, also where nobody will ever answer it. @throws SpoqError `rate_limited` */
  ask(wish: Wish): Promise<Asked>
  /** Null: nobody has decided yet. @throws SpoqError `code_expired`, or why it cannot be now. */
  enterByAnswer(question: string): Promise<SshEntry | null>
  drop(question: string): Promise<void>
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
    ask: wish => ask(askBySsh, { body: { gateway, ...wish } }),
    enterByAnswer: async question =>
      (await ask(enterByAnswer, { params: { question }, body: { gateway } }, enterMs)).entry,
    drop: async question => void (await ask(dropQuestion, { params: { question } })),
    end: async (session, was) => void (await ask(endSsh, { params: { session }, body: was })),
    report: async sessions => (await ask(reportSsh, { body: { gateway, sessions } })).cut,
  }
}
