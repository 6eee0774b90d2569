// What the backend takes from outside, and what it takes when nobody says otherwise. Tests replace some of it.

import { basename, extname, join } from 'node:path'
import type { ProviderName } from '@spoq/contracts/machine'
import type { ProvisioningProvider } from '@spoq/providers'
import { localProvider } from '@spoq/providers/local'
import { type SendAccess, sendAccess } from './access/send.ts'
import type { Config } from './config.ts'
import { type Database, type DatabasePlace, openDatabase } from './db/open.ts'
import { type Identity, type IdentityOptions, openIdentity } from './identity/identity.ts'
import { type Jobs, openJobs } from './job/open.ts'
import { type Log, openLog } from './log.ts'
import { type CheckModelKey, modelKeyCheck } from './model-key/check.ts'

export interface Ports {
  now: () => number
  log: Log
  openDatabase: (place: DatabasePlace) => Promise<Database>
  openJobs: (database: Database, log: Log) => Promise<Jobs>
  openIdentity: (options: IdentityOptions) => Promise<Identity>
  /** What makes machines; the first is the default. Beside a PostgreSQL the backend may be far from any owner: no `local`. */
  providers: ReadonlyMap<ProviderName, ProvisioningProvider>
  /** Tells a machine who may use it. */
  sendAccess: SendAccess
  /** Looks whether a vendor of models takes a key. */
  checkModelKey: CheckModelKey
  /** How often everything is looked at, in ms. */
  scanMs: number
  /** How long a backend has to be silent until another goes on with its machines, in ms. */
  leaseMs: number
}

export function defaultPorts(config: Config): Ports {
  const now = Date.now
  return {
    now,
    log: openLog(config.logLevel, line => process.stderr.write(line), now),
    openDatabase,
    openJobs,
    openIdentity,
    providers: config.databaseUrl === null ? new Map([['local', local(config, now)]]) : new Map(),
    sendAccess,
    checkModelKey: modelKeyCheck({ own: config.databaseUrl === null }),
    scanMs: 30_000,
    leaseMs: 30_000,
  }
}

function local(config: Config, now: () => number): ProvisioningProvider {
  const conductor = { node: process.execPath, entry: conductorEntry() }
  return localProvider({ machinesDir: join(config.dataDir, 'machines'), conductor, now })
}

/** The Conductor stands beside this backend: its source beside our source, its bundle beside our bundle. */
function conductorEntry(): string {
  const form = basename(import.meta.dirname)
  return join(import.meta.dirname, '../../packages/conductor', form, `main${extname(import.meta.filename)}`)
}
