// The gateway of the bench as a process of its own: machines connect by TLS, requests come by plain HTTP, as from the proxy
// before it. Arguments: the files of a key and its certificate. Prints the two ports.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { openHub } from '@spoq/kit/tunnel'

const [key = '', cert = ''] = process.argv.slice(2)
const hub = openHub()
const tunnels = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) })
tunnels.on('upgrade', (_, socket, head) => void hub.accept('machine', socket, head))
const server = createServer((request, response) => void hub.forward('machine', request, response))
tunnels.listen(0, '127.0.0.1', () =>
  server.listen(0, '127.0.0.1', () =>
    console.log([tunnels, server].map(one => (one.address() as AddressInfo).port).join(' ')),
  ),
)
