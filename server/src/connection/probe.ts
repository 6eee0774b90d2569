import type { Probe } from '@spoq/contracts/connection'
import { connect, SshFailed } from '@spoq/kit/ssh-job'
import { fingerprintOf } from './fingerprint.ts'
import { type Looks, look } from './look.ts'
import { ownConnection } from './owner.ts'
import type { ConnectionPorts } from './ports.ts'
import { reach } from './reach.ts'
import type { ConnectionRow } from './store.ts'

/**
 * Connects to a server of an account and says how it looks.
 * @throws SpoqError `connection_not_found`, `address_refused`, `rate_limited`, `unavailable`.
 */
export async function probe(ports: ConnectionPorts, account: string, id: string): Promise<Probe> {
  const row = await ownConnection(ports.db, account, id)
  ports.count(account)
  return (await probeRow(ports, row)).probe
}

/** The same, and the host key itself. Whatever key it has is told: whether it is the right one, its owner says. */
export async function probeRow(
  ports: ConnectionPorts,
  row: ConnectionRow,
): Promise<{ probe: Probe; hostKey: string | null }> {
  const target = await reach(ports, row)
  try {
    using connection = await connect({ ...target, hostKey: null })
    return seen(connection.hostKey, await look(connection))
  } catch (error) {
    if (!(error instanceof SshFailed)) throw error
    return unseen(error)
  }
}

const seen = (hostKey: string, { system, reason }: Looks) => ({
  hostKey,
  probe: {
    state: reason === null ? ('ready' as const) : ('unfit' as const),
    fingerprint: fingerprintOf(hostKey),
    system,
    reason,
  },
})

function unseen({ kind, message, hostKey }: SshFailed) {
  const state = kind === 'refused' ? ('key_missing' as const) : ('unreachable' as const)
  const fingerprint = hostKey === undefined ? null : fingerprintOf(hostKey)
  return { hostKey: hostKey ?? null, probe: { state, fingerprint, system: null, reason: message } }
}
