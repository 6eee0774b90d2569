// For tests: a Conductor's archive in memory, and all that backups need, over a database and a folder of their own.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { SpoqError } from '@spoq/contracts/problem'
import { onTestFinished } from 'vitest'
import { testDatabase } from '../db/test-database.ts'
import { putMachine } from '../machine/test-ports.ts'
import { plans } from '../plan/table.ts'
import { testKeys } from '../secret/test-keys.ts'
import type { ArchivePort } from './archive.ts'
import { folderStore } from './object/folder.ts'
import type { ObjectStore } from './object/object-store.ts'
import type { BackupPorts } from './ports.ts'

export interface FakeMachine extends ArchivePort {
  content: Buffer
  /** Asked at each call: what goes wrong. */
  fault: () => 'away' | 'half' | undefined
  reads: number
}

export function fakeMachine(content = randomBytes(300_000)): FakeMachine {
  const fake: FakeMachine = {
    content,
    fault: () => undefined,
    reads: 0,
    async read() {
      fake.reads++
      const fault = fake.fault()
      if (fault === 'away') throw new SpoqError('machine_unreachable')
      if (fault === 'half') return Readable.from(half(fake.content))
      return Readable.from([fake.content])
    },
    async write(_, bytes) {
      if (fake.fault()) throw new SpoqError('machine_unreachable')
      const all: Buffer[] = []
      for await (const some of bytes) all.push(some as Buffer)
      fake.content = Buffer.concat(all)
    },
  }
  return fake
}

async function* half(content: Buffer) {
  yield content.subarray(0, content.length / 2)
  throw new Error('the connection broke')
}

export async function backupWorld({ store }: { store?: ObjectStore } = {}) {
  const database = await testDatabase()
  onTestFinished(() => database.close())
  const folder = mkdtempSync(join(tmpdir(), 'spoq-backups-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const keys = testKeys()
  onTestFinished(keys.remove)
  const machine = fakeMachine()
  let time = Date.parse('2026-11-21T10:00:00Z')
  const ports: BackupPorts = {
    db: database.db,
    keys: keys.keys,
    log: () => {},
    now: () => time,
    store: store ?? folderStore(folder),
    archive: machine,
    tokenFor: async id => `token of ${id}`,
    unlessLocked: database.unlessLocked,
    daily: false,
    planOf: async () => plans.basic,
    wake: () => {},
  }
  const asker = (account: string) => ({ account, requestId: 'req_test' })
  const running = (account = 'alice') =>
    putMachine(database, { account_id: account, state: 'running', endpoint: 'http://127.0.0.1:9' })
  const pass = (ms: number) => {
    time += ms
  }
  return { ports, database, machine, folder, asker, running, pass }
}
