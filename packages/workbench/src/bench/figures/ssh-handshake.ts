// ssh2's exchange of keys over a socket, with nothing of ours around it.

import type { Socket } from 'node:net'
import type { HostKey, SshLibrary } from '@spoq/kit/ssh-relay'

type Side = { hostKey: HostKey } | { knows: (hostKey: Buffer) => boolean }

/** Settles once there are keys. @throws Error */
export function handshake({ Protocol, offers }: SshLibrary, socket: Socket, side: Side): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const protocol = new Protocol({
    server: 'hostKey' in side,
    ...('hostKey' in side ? { hostKeys: { [side.hostKey.type]: side.hostKey } } : { hostVerifier: side.knows }),
    ident: 'bench',
    offer: 'hostKey' in side ? offers.server : offers.client,
    onWrite: bytes => void socket.write(bytes),
    onError: reject,
    onHandshakeComplete: resolve,
    messageHandlers: { DISCONNECT: () => {} },
  })
  socket.on('data', chunk => protocol.parse(chunk, 0, chunk.length))
  socket.once('close', () => reject(new Error('the connection ended')))
  protocol.start()
  return promise
}
