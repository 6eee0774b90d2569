// One message to a machine's Conductor, as the backend itself.

import type { Answer } from '@spoq/client/answer'
import { call, type Sent } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
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
export async function askAs<T>(
  { endpoint, token }: { endpoint: string; token: string },
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const dispatcher = endpoint.startsWith('unix:') ? overSocket(endpoint.slice('unix:'.length)) : undefined
  const target: Target = {
    origin: dispatcher ? 'http://conductor' : endpoint,
    ...(dispatcher && { dispatcher }),
    token: async () => token,
    unreachable: 'machine_unreachable',
    now: Date.now,
  }
  try {
    return await work((route, sent) => patiently(target, route, sent))
  } finally {
    await dispatcher?.destroy()
  }
}

async function patiently<R extends Route>(target: Target, route: R, sent: Sent<R>): Promise<Answer<R>> {
  const signal = AbortSignal.timeout(patienceMs)
  try {
    return await call(target, route, { ...sent, signal })
  } catch (cause) {
    if (!signal.aborted) throw cause
    throw new SpoqError('machine_unreachable', { cause, message: 'The machine does not answer in time.' })
  }
}
