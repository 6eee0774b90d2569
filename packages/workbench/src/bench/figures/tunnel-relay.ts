// In place of the gateway, as a process of its own: it reads and writes bytes and knows nothing of them. Nothing that
// stands between is faster in Node. Argument 1 is the socket of the machine, or the port where it speaks TLS; 2 the file of
// its certificate. Prints its port.

import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { connect as connectTls } from 'node:tls'

const [to = '', cert] = process.argv.slice(2)
const dial = () =>
  cert === undefined ? connect(to) : connectTls({ host: '127.0.0.1', port: Number(to), ca: readFileSync(cert) })

const server = createServer(near => {
  const far = dial()
  near.setNoDelay(true)
  near.pipe(far).pipe(near)
  for (const end of [near, far]) end.on('error', () => [near, far].map(one => one.destroy()))
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
