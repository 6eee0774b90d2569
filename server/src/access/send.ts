// One message to a machine's Conductor, as the backend itself.

import { call } from '@spoq/client/call'
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

export const sendAccess: SendAccess = async ({ endpoint, token }, snapshot) => {
  const dispatcher = endpoint.startsWith('unix:') ? overSocket(endpoint.slice('unix:'.length)) : undefined
  try {
    const origin = dispatcher ? 'http://conductor' : endpoint
    return await sendTo({ origin, ...(dispatcher && { dispatcher }) }, token, snapshot)
  } finally {
    await dispatcher?.destroy()
  }
}

async function sendTo(to: Pick<Target, 'origin' | 'dispatcher'>, token: string, snapshot: AccessSnapshot) {
  const target = {
    ...to,
    token: async () => token,
    unreachable: 'machine_unreachable',
    now: Date.now,
  } as const
  const ask = async <R extends Route>(route: R, sent: Parameters<typeof call<R>>[2]) => {
    const signal = AbortSignal.timeout(patienceMs)
    try {
      return await call(target, route, { ...sent, signal } as Parameters<typeof call<R>>[2])
    } catch (cause) {
      if (!signal.aborted) throw cause
      throw new SpoqError('machine_unreachable', { cause, message: 'The machine does not answer in time.' })
    }
  }
  try {
    return (await ask(setAccess, { body: snapshot })).number
  } catch (error) {
    if (!(error instanceof SpoqError) || error.code !== 'access_outdated') throw error
    return (await ask(showAccess, {})).number
  }
}
