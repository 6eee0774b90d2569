// The machine's connection to a gateway, by which it is reached where it has no address. What comes through it comes to the
// edge: the tunnel carries requests and vouches for none, each needs its token.

import { getRequestListener } from '@hono/node-server'
import type { TunnelOffer } from '@spoq/contracts/gateway'
import type { ConductorStatus } from '@spoq/contracts/status'
import { type Connected, keepTunnel, type Tunnel } from '@spoq/kit/tunnel'
import type { Hono } from 'hono'
import type { Logger } from '../http/logger.ts'

export interface MachineTunnel {
  /** How it does; null where the machine has none. */
  status(): NonNullable<ConductorStatus['tunnel']> | null
  /** Goes by this from now on; null: no tunnel. */
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
  let current: { offer: TunnelOffer; tunnel: Tunnel } | null = null
  const leaving = new Set<Tunnel>()
  let isOver = false

  function open(offer: TunnelOffer): Tunnel {
    let said = ''
    return keepTunnel({
      ...offer,
      answer,
      connected,
      now,
      changed: ({ state, error }) => {
        if (said === state) return
        said = state
        const level = state === 'refused' ? 'error' : 'info'
        logger({ level, message: `tunnel ${state}`, ...(error === null ? {} : { reason: error }) })
      },
    })
  }

  function leave(tunnel: Tunnel): void {
    leaving.add(tunnel)
    void tunnel.stop(drainMs).then(() => leaving.delete(tunnel))
  }

  return {
    status() {
      if (!current) return null
      const { state, since, error } = current.tunnel.state()
      return { state, since: new Date(since).toISOString(), error }
    },
    use(offer) {
      const isSame = offer?.url === current?.offer.url && offer?.token === current?.offer.token
      if (isOver || isSame) return
      const before = current?.tunnel
      current = offer && { offer, tunnel: open(offer) }
      if (before) leave(before)
    },
    async stop() {
      isOver = true
      await Promise.all([current?.tunnel, ...leaving].map(tunnel => tunnel?.stop()))
    },
  }
}
