// One message to a machine's Conductor, as the backend itself.

import type { Answer } from '@spoq/client/answer'
import { call, type Sent } from '@spoq/client/call'
import { atConductor } from '@spoq/client/conductor'
import type { Target } from '@spoq/client/target'
import { type AccessSnapshot, setAccess, showAccess } from '@spoq/contracts/access'
import type { Route } from '@spoq/contracts/http'
import { SpoqError } from '@spoq/contracts/problem'

/**
 * Tells the Conductor at an address (`https://…`, or `unix:/…` on this computer) who may use its machine. Answers the number it goes by then, which is higher than the
 * snapshot's when that came too late.
 * @throws SpoqError what it answered, or `machine_unreachable`.
 */
export type SendAccess = (to: { endpoint: string; token: string }, snapshot: AccessSnapshot) => Promise<number>

const patienceMs = 10_000

export const sendAccess: SendAccess = (to, snapshot) =>
  askAs(to, async ask => {
    try {
      return (await ask(setAccess, { body: snapshot })).number
    } catch (error) {
      if (!(error instanceof SpoqError) || error.code !== 'access_outdated') throw error
      return (await ask(showAccess, {})).number
    }
  })

type Ask = <R extends Route>(route: R, sent: Sent<R>) => Promise<Answer<R>>

/** Asks a Conductor something as its backend. @throws SpoqError what it answered, or `machine_unreachable`. */
export const askAs = <T>(
  { endpoint, token }: { endpoint: string; token: string },
  work: (ask: Ask) => Promise<T>,
): Promise<T> =>
  atConductor(endpoint, { token: async () => token, now: Date.now }, target =>
    work((route, sent) => patiently(target, route, sent)),
  )

async function patiently<R extends Route>(target: Target, route: R, sent: Sent<R>): Promise<Answer<R>> {
  const signal = AbortSignal.timeout(patienceMs)
  try {
    return await call(target, route, { ...sent, signal })
  } catch (cause) {
    if (!signal.aborted) throw cause
    throw new SpoqError('machine_unreachable', { cause, message: 'The machine does not answer in time.' })
  }
}
