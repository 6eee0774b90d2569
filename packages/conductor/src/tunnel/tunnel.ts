// The machine's connections to its gateways, one to each, by which it is reached where it has no address. What comes through it comes to the
// edge: the tunnel carries requests and vouches for none, each needs its token.

import { getRequestListener } from '@hono/node-server'
import type { TunnelOffer } from '@spoq/contracts/gateway'
import type { ConductorStatus } from '@spoq/contracts/status'
import { type Connected, keepTunnel, type Tunnel, type TunnelState } from '@spoq/kit/tunnel'
import type { Hono } from 'hono'
import type { Logger } from '../http/logger.ts'

export interface MachineTunnel {
  /** How it does: as the best of them, with the failure of any other; null where the machine has none. */
  status(): NonNullable<ConductorStatus['tunnel']> | null
  /** Goes by this from now on; null: no tunnel. A connection that is to stay as it is stays. */
  use(offer: TunnelOffer | null): void
  stop(): Promise<void>
}

/** What is under way when it is told of another gateway or token may end over the connection of before. */
const drainMs = 60_000

interface Options {
  logger: Logger
  now: () => number
  /** Takes streams that a gateway opens. */
  connected?: Connected
}

/** A tunnel to nowhere yet; requests go to the app of the edge. */
export function machineTunnel(edge: Hono, { logger, now, connected }: Options): MachineTunnel {
  const answer = getRequestListener(edge.fetch)
  /** By where to and as what. */
  const current = new Map<string, Tunnel>()
  const leaving = new Set<Tunnel>()
  let isOver = false

  function open(url: string, token: string): Tunnel {
    let said = ''
    return keepTunnel({
      ...{ url, token, answer, connected, now },
      changed: ({ state, error }) => {
        if (said === state) return
        said = state
        const level = state === 'refused' ? 'error' : 'info'
        logger({ level, message: `tunnel ${state}`, gateway: url, ...(error === null ? {} : { reason: error }) })
      },
    })
  }

  function leave(tunnel: Tunnel): void {
    leaving.add(tunnel)
    void tunnel.stop(drainMs).then(() => leaving.delete(tunnel))
  }

  return {
    status: () => statusOf([...current.values()].map(tunnel => tunnel.state())),
    use(offer) {
      if (isOver) return
      const wanted = new Map(offer && [offer.url, ...(offer.others ?? [])].map(url => [`${url} ${offer.token}`, url]))
      const before = [...current].filter(([key]) => !wanted.has(key))
      for (const [key, url] of wanted) if (offer && !current.has(key)) current.set(key, open(url, offer.token))
      for (const [key, tunnel] of before) {
        current.delete(key)
        leave(tunnel)
      }
    },
    async stop() {
      isOver = true
      await Promise.all([...current.values(), ...leaving].map(tunnel => tunnel.stop()))
    },
  }
}

const best: readonly TunnelState['state'][] = ['connected', 'connecting', 'refused']

/** Of several as one. */
export function statusOf(states: readonly TunnelState[]): ReturnType<MachineTunnel['status']> {
  const [first, ...rest] = states.toSorted((a, b) => best.indexOf(a.state) - best.indexOf(b.state) || a.since - b.since)
  if (!first) return null
  const error = first.error ?? rest.find(other => other.error !== null)?.error ?? null
  return { state: first.state, since: new Date(first.since).toISOString(), error }
}
