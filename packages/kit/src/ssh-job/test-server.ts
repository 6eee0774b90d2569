// For tests: an SSH server in this process that runs what it is asked in a shell of this user, and whose connections can be
// broken at any moment.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import ssh2, { type Connection } from 'ssh2'
import { keyPairOf } from '../ssh-key/index.ts'
import type { SshTarget } from './connect.ts'

export interface TestServer extends AsyncDisposable {
  target: SshTarget
  /** Its host key. */
  hostKey: string
  /** How many connections there were. */
  connections: () => number
  /** Cuts all that are there. */
  cut: () => void
  /** Called for each connection, before anything goes over it; false refuses it. */
  onConnection: (socket: Socket) => boolean
}

const pair = () => keyPairOf(randomBytes(32), 'test')

interface TestServerOptions {
  /** It takes no key. */
  refuses?: boolean
  /** It takes these keys alone: `ssh-ed25519 AAAA…`; asked at each connection. */
  takes?: () => readonly string[]
  /** What is run in the place of a command. */
  as?: (command: string) => string
}

/** Starts one. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const [host, client] = [pair(), pair()]
  const sockets = new Set<Socket>()
  let connections = 0
  const ssh = new ssh2.Server({ hostKeys: [host.private] }, connection => serve(connection, options))
  const server = createServer(socket => {
    connections++
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    if (made.onConnection(socket)) ssh.injectSocket(socket)
    else socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const hostKey = host.public.split(' ').slice(0, 2).join(' ')
  const made: TestServer = {
    target: { host: '127.0.0.1', port, user: 'root', privateKey: client.private, hostKey },
    hostKey,
    connections: () => connections,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    onConnection: () => true,
    [Symbol.asyncDispose]: async () => {
      made.cut()
      server.close()
    },
  }
  return made
}

function serve(connection: Connection, { refuses, takes, as = command => command }: TestServerOptions): void {
  connection.on('error', () => {})
  connection.on('authentication', context => {
    if (refuses || context.method !== 'publickey') return context.reject()
    const { algo, data } = context.key
    if (takes && !takes().includes(`${algo} ${data.toString('base64')}`)) return context.reject()
    context.accept()
  })
  connection.on('session', accept => {
    accept().on('exec', (take, _, { command }) => {
      const channel = take()
      const child = spawn('sh', ['-c', as(command)], { stdio: 'pipe' })
      channel.pipe(child.stdin).on('error', () => {})
      child.stdout.pipe(channel, { end: false })
      child.on('close', (status, signal) => {
        if (channel.destroyed) return
        channel.exit(status ?? (signal ? 128 : 1))
        // As sshd does: once the command has ended nobody waits for more.
        channel.end()
        channel.close()
      })
      channel.on('close', () => child.kill('SIGHUP')).on('error', () => {})
    })
  })
}
