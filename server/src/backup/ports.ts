// What the verbs of backups need from outside.

import type { Plan } from '@spoq/contracts/plan'
import type { Kysely } from 'kysely'
import type { Database } from '../db/open.ts'
import type { BackupRow, Tables } from '../db/tables.ts'
import type { Log } from '../log.ts'
import type { SecretDeps, SecretPlace } from '../secret/secret.ts'
import type { ArchivePort } from './archive.ts'
import type { ObjectStore } from './object/object-store.ts'

export interface BackupPorts extends SecretDeps {
  db: Kysely<Tables>
  log: Log
  now: () => number
  store: ObjectStore
  archive: ArchivePort
  /** The plan of an account. */
  planOf: (account: string) => Promise<Plan>
  /** A token of the backend for one machine's archive. */
  tokenFor: (machine: string) => Promise<string>
  /** One backend works on backups at a time. */
  unlessLocked: Database['unlessLocked']
  /** Whether machines are copied each day by themselves. */
  daily: boolean
  /** Has the worker look soon. */
  wake: () => void
}

/** Where the key of a backup is kept as a secret. */
export const secretOf = ({ id, account_id }: Pick<BackupRow, 'id' | 'account_id'>): SecretPlace => ({
  account: account_id,
  kind: 'backup',
  name: id,
})

/** What a backup's bytes are bound to: no other row's open in its place. */
export const aboutOf = ({ id, account_id, machine_id }: BackupRow): Buffer =>
  Buffer.from(JSON.stringify(['spoq-backup-1', id, account_id, machine_id]))

const day = 86_400_000

/** How long a backup is kept whatever the plan. */
export const keptMs = { export: day, final: 30 * day } as const

/** How long a backup of a kind is kept, in ms. */
export const keptMsOf = (kind: BackupRow['kind'], { limits }: Plan): number =>
  kind === 'export' || kind === 'final' ? keptMs[kind] : limits.backupDays * day

/** The longest: what is not made yet is there as long. */
export const mostKeptMs = 30 * day

/** After so many tries in a row it has failed. */
export const mostTries = 5

/** The pause after the first try that failed, in ms. */
export const firstPauseMs = 10_000
