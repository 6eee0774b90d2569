// Makes a port of this computer answer at an address in a test's network namespace.

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from './engine.ts'

export interface Relay {
  stop: () => Promise<void>
}

/**
 * `address`: `ADDRESS:PORT` in there. `socket`: a path for the way between, which files have in common. `pem`: a file with a
 * key and its certificate, with which it then answers as a Caddy would.
 */
export async function startRelay(
  enter: readonly string[],
  address: string,
  port: number,
  socket: string,
  pem = '',
): Promise<Relay> {
  const here = createServer(from => {
    const to = connect(port, '127.0.0.1')
    from.pipe(to).pipe(from)
    for (const end of [from, to]) end.on('error', () => end.destroy())
  })
  here.listen(socket)
  await once(here, 'listening')
  const [host, there] = address.split(':')
  const words = [process.execPath, '-e', relayThere, String(there), String(host), socket, pem]
  const relay = start([...enter, ...words], '/dev/null')
  // It is asked from inside of the namespace alone, a good while later.
  await sleep(300)
  return {
    stop: async () => {
      await relay.end()
      here.close()
    },
  }
}

const relayThere = `
const { readFileSync } = require('node:fs')
const net = require('node:net')
const tls = require('node:tls')
const [port, host, path, pem] = process.argv.slice(1)
const relay = from => {
  const to = net.connect(path)
  from.pipe(to).pipe(from)
  for (const end of [from, to]) end.on('error', () => end.destroy())
}
const both = pem && readFileSync(pem)
const server = pem ? tls.createServer({ key: both, cert: both }, relay) : net.createServer(relay)
server.listen(Number(port), host)`
