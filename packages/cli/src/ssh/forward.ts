// `spoq forward`: a port of this computer that leads to one there, by ssh -L.

import { createInterface } from 'node:readline'
import { SpoqError } from '@spoq/contracts/problem'
import { failureOf } from './failure.ts'
import { asArguments } from './options.ts'
import { start } from './start.ts'
import type { Way } from './way.ts'

export interface Forwarding {
  /** Of this computer. */
  port: number
  /** Whom the machine connects to. */
  host: string
  hostPort: number
}

/** Reads `3000`, `8080:3000` or `3000:host:port`. @throws SpoqError `usage` */
export function readForwarding(text: string): Forwarding {
  const [, port, host = 'localhost', hostPort = port] =
    /^(\d{1,5})(?::(?:([\w.-]+|\[[0-9a-f:]+\]):)?(\d{1,5}))?$/i.exec(text) ?? []
  const ports = [Number(port), Number(hostPort)] as const
  if (port === undefined || host.startsWith('-') || ports.some(one => one < 1 || one > 65_535))
    throw new SpoqError('usage', {
      message: `${text} is no port to forward.`,
      next: 'As 3000, 8080:3000 or 3000:db:5432.',
    })
  return { port: ports[0], host, hostPort: ports[1] }
}

interface Wish {
  extra: readonly string[]
  /** Called once the port listens. */
  listening: () => void
  /** Told of what goes wrong with one connection. */
  say: (line: string) => void
}

/** Forwards until it is interrupted. @throws SpoqError that says why not, or why no longer */
export async function forward(way: Way, { port, host, hostPort }: Forwarding, wish: Wish): Promise<void> {
  const options = [...way.options, ['ExitOnForwardFailure', 'yes'], ['ServerAliveInterval', '30']] as const
  const line = `127.0.0.1:${port}:${host}:${hostPort}`
  // Its debug lines are the only ones that say when it listens.
  const args = [...asArguments(options), '-v', '-N', '-T', '-L', line, ...wish.extra, '--', way.host]
  const { child, ended } = start('ssh', args, ['ignore', 'ignore', 'pipe'])
  let said = ''
  let isRefused = false
  let isOver = false
  const interrupted = () => {
    isOver = true
    child.kill('SIGTERM')
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, interrupted)
  const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream })
  lines.on('line', text => {
    if (/^debug1: Local forwarding listening on /.test(text)) wish.listening()
    if (text.startsWith('debug')) return
    if (/administratively prohibited/.test(text)) {
      isRefused = true
      child.kill('SIGTERM')
    } else if (/open failed: connect failed/.test(text)) wish.say(`Nothing answers at ${host}:${hostPort} there.`)
    said = `${said}${text}\n`.slice(-8_192)
  })
  try {
    await ended
  } finally {
    for (const signal of signals) process.off(signal, interrupted)
  }
  if (isRefused) throw new SpoqError('forward_refused')
  // Ctrl-C of a terminal reaches ssh as well, which may be the quicker one.
  if (!isOver && !/^Killed by signal/m.test(said))
    throw failureOf(said, way.machine) ?? new SpoqError('ssh_failed', { message: 'SSH ended.' })
}
