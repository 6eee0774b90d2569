// What the gateway asks its backend, over the private socket. Where names lead is remembered, so that machines are reached
// while the backend starts anew.

import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import type { Target } from '@spoq/client/target'
import {
  forgetGateway,
  locateDomain,
  locateMachine,
  reportTunnels,
  type TunnelHolder,
  verifyTunnel,
  type Whereabouts,
  wakeMachine,
} from '@spoq/contracts/gateway'
import { SpoqError } from '@spoq/contracts/problem'
import type { Place } from './place.ts'
import { type SshBackend, sshBackend } from './ssh/backend.ts'

export interface Backend {
  /** @throws SpoqError `token_invalid`, or `unavailable` while the backend is away, as all of these do. */
  verify(token: string): Promise<TunnelHolder>
  /** Null for what is nobody's. An answer counts for so many ms, 5,000 usually. */
  locate(place: Place, freshMs?: number): Promise<Whereabouts | null>
  /** Whether the machine comes up, for whose token it is. @throws SpoqError why it does not for that one. */
  wake(machine: string, token: string): Promise<boolean>
  /** Answers the machines that may no longer be connected. */
  report(tunnels: readonly TunnelHolder[]): Promise<string[]>
  forget(): Promise<void>
  ssh: SshBackend
  close(): Promise<void>
}

const patienceMs = 5_000
/** How long an answer counts, */
const usualFreshMs = 5_000
/** and how long it does as long as the backend says nothing: a name that changed hands was nobody's for 30 days. */
const staleMs = 600_000
const mostNames = 10_000

interface Kept {
  at: number
  asked: Promise<Whereabouts | null>
  /** The last that was really answered. */
  known: { at: number; answer: Whereabouts | null } | undefined
}

export function openBackend(path: string, gateway: string, now: () => number): Backend {
  const dispatcher = overSocket(path)
  const target: Target = { origin: 'http://backend', dispatcher, unreachable: 'server_unknown', now }
  const signal = () => AbortSignal.timeout(patienceMs)
  const names = new Map<string, Kept>()

  async function ask({ name, domain }: Place): Promise<Whereabouts | null> {
    try {
      return name === undefined
        ? await call(target, locateDomain, { params: { domain }, signal: signal() })
        : await call(target, locateMachine, { params: { name }, signal: signal() })
    } catch (error) {
      if (error instanceof SpoqError && error.code === 'not_found') return null
      throw away(error)
    }
  }

  function locate(place: Place, freshMs = usualFreshMs): Promise<Whereabouts | null> {
    // No name below the domain has a dot, and every domain has one.
    const name = place.name ?? place.domain
    const before = names.get(name)
    if (before && now() - before.at < freshMs) return before.asked
    const kept: Kept = { at: now(), asked: Promise.resolve(null), known: before?.known }
    kept.asked = ask(place).then(
      answer => {
        kept.known = { at: now(), answer }
        return answer
      },
      error => {
        if (kept.known && now() - kept.known.at < staleMs) return kept.known.answer
        names.delete(name)
        throw error
      },
    )
    names.delete(name)
    names.set(name, kept)
    const [oldest] = names.keys()
    if (names.size > mostNames && oldest !== undefined) names.delete(oldest)
    return kept.asked
  }

  const sent = <T>(answer: Promise<T>) =>
    answer.catch(error => {
      throw away(error)
    })
  return {
    locate,
    verify: token => sent(call(target, verifyTunnel, { body: { token }, signal: signal() })),
    wake: async (machine, token) =>
      (await sent(call(target, wakeMachine, { body: { machine, token }, signal: signal() }))).waking,
    report: async tunnels =>
      (await sent(call(target, reportTunnels, { body: { gateway, tunnels: [...tunnels] }, signal: signal() }))).cut,
    forget: () => sent(call(target, forgetGateway, { params: { gateway }, signal: signal() })),
    ssh: sshBackend(target, gateway),
    close: () => dispatcher.destroy(),
  }
}

/** Whatever kept the backend from answering passes; what it answered stays as it is. */
function away(error: unknown): SpoqError {
  const answered = error instanceof SpoqError && error.code !== 'server_unknown' && error.code !== 'internal'
  if (answered) return error
  return new SpoqError('unavailable', { cause: error, message: 'The backend does not answer.', retryAfter: 5 })
}
