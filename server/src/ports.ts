// What the backend takes from outside, and what it takes when nobody says otherwise. Tests replace some of it.

import { lookup, Resolver } from 'node:dns/promises'
import type { ProviderName } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import type { ProvisioningProvider } from '@spoq/providers'
import type { Connections } from '@spoq/providers/byo'
import { cloudflareZone, fileZone, type Zone } from '@spoq/providers/dns'
import { isHealthy } from './access/healthy.ts'
import { type SendAccess, sendAccess } from './access/send.ts'
import { type ArchivePort, archivePort } from './backup/archive.ts'
import type { Config } from './config.ts'
import type { Resolve } from './connection/ports.ts'
import { type Database, type DatabasePlace, openDatabase } from './db/open.ts'
import type { MachineRow } from './db/tables.ts'
import type { ResolveTxt } from './domain/proof.ts'
import { openProbe } from './health/probe.ts'
import { type Identity, type IdentityOptions, openIdentity } from './identity/identity.ts'
import { type Jobs, openJobs } from './job/open.ts'
import { type Log, openLog } from './log.ts'
import { type CheckModelKey, modelKeyCheck } from './model-key/check.ts'
import { openProviders } from './provider/open.ts'
import type { Devices } from './ssh/ports.ts'

export interface Ports {
  now: () => number
  log: Log
  openDatabase: (place: DatabasePlace) => Promise<Database>
  openJobs: (database: Database, log: Log) => Promise<Jobs>
  openIdentity: (options: IdentityOptions) => Promise<Identity>
  /** What makes machines; the first is the default. What they make is marked with the installation's id. */
  openProviders: (installation: string, connections: Connections) => ReadonlyMap<ProviderName, ProvisioningProvider>
  /** The addresses of a server that its owner names. */
  resolve: Resolve
  /** Tells a machine who may use it. */
  sendAccess: SendAccess
  /** Who may come in over SSH; left out: nobody. */
  sshDevices?: Devices
  /** Reads and replaces all that is on a machine. */
  archive: ArchivePort
  /** How often backups are looked at, in ms. */
  backupMs: number
  /** Asks a machine whether it lives. */
  openProbe: typeof openProbe
  /** How often machines are asked that, in ms. */
  healthMs: number
  /** How often it is looked what time does to subscriptions, in ms. */
  subscriptionMs: number
  /** How often it is looked what time does to credit, in ms. */
  creditMs: number
  /** How often it is looked for calls of models that were cut off, in ms. */
  modelCreditMs: number
  /** How often the machines that end are looked at, in ms. */
  endingMs: number
  /** Where a machine that is a server is reached; null where it has no address of ours. */
  endpointOf: (row: Pick<MachineRow, 'name'>) => string | null
  /** Where the names of machines stand; null: nowhere that this backend knows. */
  openZone: (installation: string) => Zone | null
  /** How vendors of models are asked on our own keys. */
  fetch: typeof fetch
  /** Looks whether a vendor of models takes a key. */
  checkModelKey: CheckModelKey
  /** How long a machine of a plan may be unused until it sleeps, in ms; null: it never does. */
  idleAfterMs: (plan: Plan) => number | null
  /** How often it is looked for machines that nobody uses, in ms. */
  idleMs: number
  /** The TXT records of a name. */
  resolveTxt: ResolveTxt
  /** Whether the Conductor of a machine answers its backend. */
  isHealthy: (endpoint: string, token: string) => Promise<boolean>
  /** How often the chain of the ledger grows and holds end, in ms. */
  ledgerMs: number
  /** How often everything is looked at, in ms. */
  scanMs: number
  /** How long a backend has to be silent until another goes on with its machines, in ms. */
  leaseMs: number
}

export function defaultPorts(config: Config): Ports {
  const now = Date.now
  const resolver = new Resolver({ timeout: 5_000, tries: 2 })
  return {
    now,
    log: openLog(config.logLevel, line => process.stderr.write(line), now),
    openDatabase,
    openJobs,
    openIdentity,
    openProviders: (installation, connections) => openProviders(config, installation, now, connections),
    resolve: name => lookup(name, { all: true }),
    sendAccess,
    archive: archivePort,
    backupMs: 60_000,
    openProbe,
    healthMs: 30_000,
    subscriptionMs: 30_000,
    creditMs: 30_000,
    modelCreditMs: 60_000,
    endingMs: 5_000,
    endpointOf: ({ name }) => (config.machineDomain === null ? null : `https://${name}.${config.machineDomain}`),
    openZone: installation => zoneOf(config, installation, now),
    fetch,
    checkModelKey: modelKeyCheck({ own: config.databaseUrl === null }),
    idleAfterMs: ({ limits }) => {
      const minutes = config.idleMinutes ?? limits.idleMinutes
      return minutes === null ? null : minutes * 60_000
    },
    idleMs: 60_000,
    resolveTxt: name => resolver.resolveTxt(name),
    isHealthy,
    ledgerMs: 60_000,
    scanMs: 30_000,
    leaseMs: 30_000,
  }
}

function zoneOf({ dns }: Config, installation: string, now: () => number): Zone | null {
  if (dns?.kind === 'cloudflare') return cloudflareZone({ ...dns, installation, now })
  return dns ? fileZone(dns.file) : null
}
