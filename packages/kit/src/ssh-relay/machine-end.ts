// The way in to a machine: its host key is the one that is known, and it takes what the gateway signs.

import type { Duplex } from 'node:stream'
import type { Credential } from './certificate.ts'
import { type End, openEnd } from './ends.ts'
import type { Slabs } from './gather.ts'
import type { SshLibrary } from './library.ts'
import { message } from './message.ts'
import type { TransportLimits } from './transport.ts'
import { packet, reader, string } from './wire.ts'

export interface MachineOptions {
  library: SshLibrary
  slabs: Slabs
  socket: Duplex
  /** As it goes over the wire; null: any. */
  hostKey: Buffer | null
  user: string
  credential: Credential
  limits?: Partial<TransportLimits>
  /** How long it may take until we are in, in ms. */
  patienceMs?: number
}

/** Why we did not get in. */
export class MachineRefused extends Error {
  override readonly name = 'MachineRefused'
  readonly kind: 'away' | 'host-key' | 'refused'

  constructor(kind: MachineRefused['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** Comes in; from then on the end may be relayed. @throws MachineRefused */
export async function enterMachine(wish: MachineOptions): Promise<End> {
  const { hostKey, user, credential, patienceMs = 20_000, ...options } = wish
  let isOther = false
  const knows = (key: Buffer) => {
    isOther = hostKey !== null && !key.equals(hostKey)
    return !isOther
  }
  const end = openEnd({ ...options, side: { knows } })
  const { transport } = end
  const late = setTimeout(() => transport.cut('it does not answer'), patienceMs)
  try {
    await end.ready
    transport.send(packet(message.serviceRequest, string('ssh-userauth')))
    // Not after its answer: a turn less.
    transport.send(request(transport.sessionId(), user, credential))
    for (;;) {
      const answer = await end.next()
      if (answer[0] === message.userauthSuccess) return end
      if (answer[0] !== message.userauthFailure) continue
      const methods = reader(answer, 1).text()
      throw new MachineRefused('refused', `The machine does not take the gateway's key (it offers: ${methods}).`)
    }
  } catch (error) {
    transport.cut('not let in')
    if (isOther) throw new MachineRefused('host-key', 'The machine has another host key than the one that is known.')
    if (error instanceof MachineRefused) throw error
    throw new MachineRefused('away', `The machine cannot be reached: ${(error as Error).message}.`)
  } finally {
    clearTimeout(late)
  }
}

function request(sessionId: Buffer, user: string, { algorithm, blob, sign }: Credential): Buffer {
  const asked = packet(
    message.userauthRequest,
    string(user),
    string('ssh-connection'),
    string('publickey'),
    1,
    string(algorithm),
    string(blob),
  )
  return Buffer.concat([asked, string(sign(Buffer.concat([string(sessionId), asked])))])
}
