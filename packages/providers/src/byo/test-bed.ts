// For tests: servers that their owners brought, each an SSH server in this process whose /etc/spoq is a folder of its own.
// Nothing outside of that is changed.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SshTarget } from '@spoq/kit/ssh-job'
import { startTestServer, type TestServer } from '@spoq/kit/ssh-job/test-server'
import type { ProvisioningProvider } from '../provider.ts'
import { byoProvider, type Connection } from './index.ts'
import { keepRows } from './rows.ts'

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
  const brought = new Map<string, Promise<Brought>>()
  const { connections, rows, calls, bring } = keepRows(
    async ref => (await (brought.get(ref) as Promise<Brought>)).target,
  )
  const another = (installation = 'tests') => byoProvider({ connections, installation, removal })
  return {
    provider: another(),
    another,
    rows,
    calls,
    async bring(machine, on) {
      const ref = bring(machine)
      const place = on ? Promise.resolve({ ...on, ref }) : (brought.get(ref) ?? startPlace(root, ref))
      brought.set(ref, place)
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
