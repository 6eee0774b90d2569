// The way to a machine's sshd: through its tunnel, or to its own address on this computer.

import { once } from 'node:events'
import { request } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SshWay } from '@spoq/contracts/gateway'
import { sshProtocol } from '@spoq/contracts/ssh'
import { type Hub, TunnelAway } from '@spoq/kit/tunnel'

const patienceMs = 10_000
/** A machine that runs connects again within seconds to a gateway that was away. */
const returnMs = 5_000

/** @throws Error whose message says what a person may read. */
export async function dialSsh(hub: Pick<Hub, 'open'>, machine: string, way: SshWay): Promise<Duplex> {
  if (way.kind === 'edge') return upgraded(way.endpoint)
  try {
    return await openPatiently(hub, machine)
  } catch (error) {
    throw new Error(reasons[(error as Error).name] ?? 'The machine cannot be reached.', { cause: error })
  }
}

async function openPatiently(hub: Pick<Hub, 'open'>, machine: string): Promise<Duplex> {
  const end = performance.now() + returnMs
  for (;;)
    try {
      return await hub.open(machine, sshProtocol)
    } catch (error) {
      if (!(error instanceof TunnelAway) || performance.now() > end) throw error
      await sleep(100)
    }
}

const reasons: Record<string, string> = {
  TunnelAway: 'The machine is not connected just now.',
  TunnelFull: 'The machine has as many connections as it may.',
  TunnelBroken: 'The machine takes no SSH just now.',
}

async function upgraded(endpoint: string): Promise<Duplex> {
  const asked = request(new URL('/', endpoint), {
    agent: false,
    headers: { connection: 'Upgrade', upgrade: sshProtocol },
    signal: AbortSignal.timeout(patienceMs),
  })
  asked.end()
  const refused = once(asked, 'response').then(() => Promise.reject(new Error('it takes no SSH')))
  try {
    const [, socket, head] = (await Promise.race([once(asked, 'upgrade'), refused])) as [unknown, Duplex, Buffer]
    if (head.length > 0) socket.unshift(head)
    return socket
  } catch (cause) {
    throw new Error('The machine cannot be reached.', { cause })
  } finally {
    refused.catch(() => {})
  }
}
