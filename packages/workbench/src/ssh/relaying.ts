// The relay alone, on loopback: whoever has the person's key comes in to one sshd by a certificate.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { keyPairOf, type SshKey } from '@spoq/kit/ssh-key'
import {
  admitPerson,
  certify,
  ed25519Blob,
  enterMachine,
  installed,
  openSlabs,
  type Patience,
  type Policy,
  relay,
  type SshLibrary,
  type TransportLimits,
} from '@spoq/kit/ssh-relay'

export interface Relaying extends AsyncDisposable {
  port: number
  /** `ssh-ed25519 AAAA…`, of the gateway. */
  hostKey: string
  /** How sessions ended, the oldest first. */
  ended: string[]
  sessions: () => number
}

export const authority = () => {
  const pair = generateKeyPairSync('ed25519')
  return { ...pair, line: `ssh-ed25519 ${ed25519Blob(pair.publicKey).toString('base64')}` }
}

interface Options {
  sshd: { port: number; hostKey: string }
  authority: ReturnType<typeof authority>
  person: SshKey
  user: string
  library?: SshLibrary
  policy?: Partial<Policy>
  limits?: Partial<TransportLimits>
  patience?: Partial<Patience>
}

export const everything: Policy = { mayForward: true, mayForwardAgent: true, mayTty: true, channels: 256 }

export async function startRelaying(options: Options): Promise<Relaying> {
  const { sshd, person, user, library = installed(), limits = {}, patience = {} } = options
  const policy = { ...everything, ...options.policy }
  const own = keyPairOf(randomBytes(32), 'gateway')
  const slabs = openSlabs()
  const hostKey = library.readHostKey(own.private)
  const ended: string[] = []
  const sockets = new Set<Socket>()

  async function serve(socket: Socket): Promise<void> {
    const isPerson = ({ blob }: { blob: Buffer }) => blob.toString('base64') === person.public.split(' ')[1]
    const door = { byKey: async (name: string, key: { blob: Buffer }) => (isPerson(key) ? name : null) }
    const found = await admitPerson({ library, slabs, socket, hostKey, door, limits, patience })
    const now = Date.now()
    const machine = await enterMachine({
      ...{ library, slabs, user, limits, socket: connect(sshd.port, '127.0.0.1') },
      hostKey: Buffer.from(sshd.hostKey.split(' ')[1] ?? '', 'base64'),
      credential: certify(options.authority, {
        ...{ principal: 'mach_test', keyId: 'acct/device/session', sourceAddress: '127.0.0.1', ...policy },
        ...{ from: now - 60_000, until: now + 120_000 },
      }),
    })
    found.welcome()
    ended.push(await relay(found.end, machine, policy, { bytes: { person: 0, machine: 0 }, kinds: new Set() }))
  }
  const server = createServer(socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serve(socket).catch(error => {
      ended.push(String(error.message))
      socket.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: own.public.split(' ').slice(0, 2).join(' '),
    ended,
    sessions: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
