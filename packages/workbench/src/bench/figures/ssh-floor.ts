// What no gateway of this Node can do without, as a process of its own that stands where the gateway would: `proxy` carries the
// bytes between two sockets and looks at none; `handshakes` is ssh2's exchange of keys with who comes, then with the machine,
// and nothing else. Argument 1: which; argument 2: as the gateway's. Prints its port and host key, and what it used.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { installed } from '@spoq/kit/ssh-relay'
import { handshake } from './ssh-handshake.ts'
import { tellUse } from './ssh-use.ts'

const { sshd } = JSON.parse(process.argv[3] ?? '')
const [library, own] = [installed(), keyPairOf(randomBytes(32), 'floor')]
const hostKey = library.readHostKey(own.private)
const dial = () => connect({ port: sshd.port, host: '127.0.0.1', noDelay: true }).on('error', () => {})

function proxy(person: Socket): void {
  const machine = dial()
  person.pipe(machine).pipe(person)
}

async function handshakes(person: Socket): Promise<void> {
  await handshake(library, person, { hostKey })
  const machine = dial()
  await handshake(library, machine, { knows: () => true })
  for (const socket of [machine, person]) socket.destroy()
}

const serve = process.argv[2] === 'proxy' ? proxy : handshakes
const server = createServer({ noDelay: true }, socket => void serve(socket.on('error', () => {})))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const key = process.argv[2] === 'proxy' ? sshd.hostKey : own.public.split(' ').slice(0, 2).join(' ')
console.log(`${(server.address() as AddressInfo).port} ${key}`)
await tellUse()
