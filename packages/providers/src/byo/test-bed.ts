// For tests: servers that their owners brought, each an SSH server in this process whose /etc/spoq is a folder of its own.
// Nothing outside of that is changed.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SshTarget } from '@spoq/kit/ssh-job'
import { startTestServer, type TestServer } from '@spoq/kit/ssh-job/test-server'
import type { ProvisioningProvider } from '../provider.ts'
import { byoProvider, type Connection, type Connections } from './index.ts'

export interface Brought {
  ref: string
  server: TestServer
  /** What is /etc/spoq there. */
  folder: string
  /** How the backend reaches it; a test may change it. */
  target: SshTarget
}

export interface Bed extends AsyncDisposable {
  provider: ProvisioningProvider
  /** As another backend has it: it remembers nothing. */
  another: (installation?: string) => ProvisioningProvider
  rows: Map<string, Connection>
  /** What was done to the rows. */
  calls: string[]
  /** Has a machine be on a server; on one that is there already where it is named. */
  bring: (machine: string, on?: Brought) => Promise<Brought>
}

/** It takes itself away, and says so in a file beside. */
const removal = 'set -e\nrm -rf "$1"\necho removed >>"$1.removed"\n'

export async function startBed(): Promise<Bed> {
  const root = mkdtempSync(join(tmpdir(), 'spoq-byo-'))
  const rows = new Map<string, Connection>()
  const brought = new Map<string, Promise<Brought>>()
  const calls: string[] = []
  const change = (ref: string, changed: Partial<Connection>) => {
    const row = rows.get(ref)
    if (row) rows.set(ref, { ...row, ...changed })
  }
  const connections: Connections = {
    find: async machine => [...rows.values()].find(row => row.machine === machine) ?? null,
    get: async ref => rows.get(ref) ?? null,
    list: async () => [...rows.values()],
    target: async ref => (await (brought.get(ref) as Promise<Brought>)).target,
    async noteCleaned(ref) {
      calls.push('cleaned')
      change(ref, { isCleaned: true })
    },
    async forget(ref) {
      calls.push('forget')
      rows.delete(ref)
    },
    rotate: async () => void calls.push('rotate'),
  }
  const another = (installation = 'tests') => byoProvider({ connections, installation, removal })
  return {
    provider: another(),
    another,
    rows,
    calls,
    async bring(machine, on) {
      const ref = `conn_${machine.slice(5)}`
      const place = on ? Promise.resolve({ ...on, ref }) : (brought.get(ref) ?? startPlace(root, ref))
      brought.set(ref, place)
      // No user of this computer: no file of keys of anybody's is touched.
      const row = { ref, machine, user: 'nobody-of-spoq', publicKey: 'ssh-ed25519 AAAAtest x' }
      if (!rows.has(ref)) rows.set(ref, { ...row, isEnding: false, isCleaned: false })
      return place
    },
    [Symbol.asyncDispose]: async () => {
      for (const place of brought.values()) await (await place).server[Symbol.asyncDispose]()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

async function startPlace(root: string, ref: string): Promise<Brought> {
  const folder = join(root, ref, 'etc-spoq')
  mkdirSync(join(folder, '..'))
  const server = await startTestServer({ as: command => command.replaceAll('/etc/spoq', folder) })
  return { ref, server, folder, target: server.target }
}
