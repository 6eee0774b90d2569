// The gateway's end of all tunnels: which machine is connected, and requests through its connection.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Link, openLink, welcome } from './link.ts'
import { type Limits, TunnelAway, usualLimits } from './protocol.ts'

export interface HubOptions {
  limits?: Partial<Limits>
  /** Told of each machine that was not connected and is now, or the other way round. */
  changed?: (machine: string, isHere: boolean) => void
}

export interface Hub {
  /** Takes a connection over whose token was found good. An older one of the same machine ends what it began. */
  accept(machine: string, socket: Duplex, head: Buffer): Promise<void>
  has(machine: string): boolean
  /** The machines that are connected. */
  list(): string[]
  /** Requests under way. */
  streams(): number
  /**
   * Relays a request to a machine, and the answer back.
   * @throws TunnelAway, TunnelFull, TunnelBroken before an answer began.
   */
  forward(machine: string, request: IncomingMessage, response: ServerResponse): Promise<void>
  /** A stream of bytes to something on a machine, by its name there (of letters, digits and dashes). @throws TunnelAway, TunnelFull, TunnelBroken */
  open(machine: string, name: string): Promise<Duplex>
  /** Ends a machine's connection at once. */
  cut(machine: string): void
  /** Takes no new request, and ends when those under way are answered, or after so many ms. */
  close(patienceMs: number): Promise<void>
}

/** A hub to which nobody is connected. */
export function openHub({ limits: given = {}, changed = () => {} }: HubOptions = {}): Hub {
  const limits = { ...usualLimits, ...given }
  const current = new Map<string, Link>()
  const links = new Set<Link>()
  let isClosing = false

  async function accept(machine: string, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {})
    if (isClosing || !(await welcome(socket)) || isClosing) return void socket.destroy()
    const link = openLink(socket, head, limits)
    const before = current.get(machine)
    current.set(machine, link)
    links.add(link)
    void before?.drain(limits.drainMs)
    if (!before) changed(machine, true)
    void link.closed.then(() => {
      links.delete(link)
      if (current.get(machine) !== link) return
      current.delete(machine)
      changed(machine, false)
    })
  }

  return {
    accept,
    has: machine => current.has(machine),
    list: () => [...current.keys()],
    streams: () => [...links].reduce((sum, link) => sum + link.streams(), 0),
    async forward(machine, request, response) {
      const link = current.get(machine)
      if (!link || isClosing) throw new TunnelAway()
      await link.forward(request, response)
    },
    async open(machine, name) {
      const link = current.get(machine)
      if (!link || isClosing) throw new TunnelAway()
      return link.open(name)
    },
    cut: machine => current.get(machine)?.cut(),
    async close(patienceMs) {
      isClosing = true
      await Promise.all([...links].map(link => link.drain(patienceMs)))
    },
  }
}
