// A machine for tests: a real Conductor of this process, in a temporary folder, reached through its local socket.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { overSocket } from '@spoq/client/socket'
import type { Target } from '@spoq/client/target'
import { type ConductorOptions, startConductor } from '@spoq/conductor/conductor'
import { withoutIsolation } from '@spoq/kit/sandbox'

export interface TestMachine {
  target: Target
  folder: string
  workspace: string
  /** The local socket's path. */
  socket: string
  /** Names this machine as the one that a command runs on. */
  marker: string
  /**
   * A target that loses every connection after exactly so many bytes of answers, or one whole event where that is more:
   * each connection brings something new. `cuts` says how many were lost so far.
   */
  shaky(bytes: number): Promise<Target & { cuts: () => number }>
  /** Ends the Conductor, and after `meanwhile` starts it again in the same folder. */
  restart(meanwhile?: () => Promise<unknown>): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a machine. The model `demo` is always there and says its words without a pause; commands of tools always ask,
 * on any computer.
 */
export async function startMachine(options: Partial<ConductorOptions> = {}): Promise<TestMachine> {
  const root = mkdtempSync(join(tmpdir(), 'spoq-machine-'))
  const folder = join(root, 'machine')
  const workspace = join(folder, 'workspace')
  mkdirSync(workspace, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'conductor.json'), JSON.stringify(config))
  const sandbox = withoutIsolation('a machine for tests')
  const fixed = { folder, sandbox, logger: () => {}, endpoints: [], demoPaceMs: 0 }
  let conductor = await startConductor({ ...fixed, ...options })
  const marker = join(root, 'vps.marker')
  writeFileSync(marker, JSON.stringify({ folder }))
  const undo = [() => rmSync(root, { recursive: true, force: true }), () => conductor.stop()]
  const { socket } = conductor

  async function shaky(bytes: number): Promise<Target & { cuts: () => number }> {
    const path = join(folder, 'shaky.sock')
    const proxy = await cuttingProxy(socket, path, bytes)
    undo.push(proxy.stop)
    return { ...targetAt(path), cuts: proxy.cuts }
  }

  async function restart(meanwhile = async (): Promise<unknown> => undefined): Promise<void> {
    await conductor.stop()
    await meanwhile()
    conductor = await startConductor({ ...fixed, ...options })
  }

  async function stop(): Promise<void> {
    for (const step of undo.splice(0).toReversed()) await step()
  }

  return { target: targetAt(socket), folder, workspace, socket, marker, shaky, restart, stop }
}

const config = {
  machine: 'mach_0123456789abcdef',
  members: [],
  issuer: 'http://127.0.0.1:1',
  jwksUrl: 'http://127.0.0.1:1/jwks',
  edge: null,
}

const targetAt = (path: string): Target => ({
  origin: 'http://localhost',
  dispatcher: overSocket(path),
  unreachable: 'machine_unreachable',
  now: Date.now,
})

async function cuttingProxy(to: string, path: string, bytes: number) {
  const open = new Set<Socket>()
  let cuts = 0
  const server = createServer(client => {
    const upstream = connect(to)
    let carried = Buffer.alloc(0)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => {}).on('close', () => open.delete(socket))
    }
    client.on('close', () => upstream.destroy()).pipe(upstream)
    upstream.on('end', () => client.end())
    upstream.on('data', (piece: Buffer) => {
      const before = carried.length
      carried = Buffer.concat([carried, piece])
      const end = Math.max(bytes, afterFirstEvent(carried))
      if (carried.length < end) return client.write(piece)
      cuts += 1
      upstream.destroy()
      return client.write(piece.subarray(0, end - before), () => client.destroy())
    })
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  const stop = async () => {
    for (const socket of open) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  }
  return { cuts: () => cuts, stop }
}

/** Where the first event of a stream ends; without bound while it has not. What is no stream has no events to wait for. */
function afterFirstEvent(carried: Buffer): number {
  if (!carried.includes('text/event-stream')) return 0
  const start = carried.indexOf('data:')
  const end = start < 0 ? -1 : carried.indexOf('\n\n', start)
  return end < 0 ? Number.POSITIVE_INFINITY : end + 2
}
