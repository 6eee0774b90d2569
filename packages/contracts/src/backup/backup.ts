import * as z from 'zod/mini'
import { archiveType } from '../archive/archive.ts'
import { id, instant, nothing, route } from '../http/index.ts'
import { machineId } from '../machine/machine.ts'
import { errorCodes } from '../problem/index.ts'

export const backupId = id('backup')

/** Why it was made: by itself each day, because it was asked for, to be taken away, before a machine's end. */
export const backupKinds = ['daily', 'manual', 'export', 'final'] as const
export type BackupKind = (typeof backupKinds)[number]

export const backupStates = ['waiting', 'making', 'ready', 'failed', 'removing'] as const
export type BackupState = (typeof backupStates)[number]

const failure = z.nullable(z.object({ code: z.enum(errorCodes), message: z.string() }))

export const backup = z.object({
  id: backupId,
  machine: machineId,
  kind: z.enum(backupKinds),
  /** `ready`: it was stored, and read again to see that it is whole. */
  state: z.enum(backupStates),
  /** Of the archive, as it is exported; null until it is known. */
  bytes: z.nullable(z.number()),
  sha256: z.nullable(z.string()),
  /** What it takes where it is stored: packed and encrypted. */
  storedBytes: z.nullable(z.number()),
  createdAt: instant,
  /** When it was ready. */
  madeAt: z.nullable(instant),
  /** It is removed then. */
  expiresAt: instant,
  /** Why the last try failed. */
  error: failure,
})
export type Backup = z.infer<typeof backup>

export const restoreStates = ['waiting', 'running', 'done', 'failed'] as const

export const restore = z.object({
  machine: machineId,
  backup: backupId,
  state: z.enum(restoreStates),
  askedAt: instant,
  endedAt: z.nullable(instant),
  error: failure,
})
export type Restore = z.infer<typeof restore>

const ofMachine = z.object({ machine: machineId })
const one = z.object({ backup: backupId })

export const listBackups = route({
  method: 'get',
  path: '/api/machines/{machine}/backups',
  summary: 'Lists the backups of a machine, newest first.',
  caller: 'account',
  scope: 'machine:read',
  params: ofMachine,
  status: 200,
  answer: z.object({ backups: z.array(backup) }),
  errors: ['machine_not_found'],
})

export const listAllBackups = route({
  method: 'get',
  path: '/api/backups',
  summary: 'Lists the backups of all machines of the account, newest first; also of those that are over.',
  caller: 'account',
  scope: 'machine:read',
  status: 200,
  answer: z.object({ backups: z.array(backup) }),
  errors: [],
})

export const createBackup = route({
  method: 'post',
  path: '/api/machines/{machine}/backups',
  summary:
    'Asks for a backup of a running machine; it goes on working. One that is still being made is answered again.',
  caller: 'account',
  scope: 'machine:write',
  params: ofMachine,
  body: z.object({ kind: z._default(z.enum(['manual', 'export']), 'manual') }),
  status: 202,
  answer: backup,
  errors: ['machine_not_found', 'machine_not_running', 'backup_failed'],
})

export const showBackup = route({
  method: 'get',
  path: '/api/backups/{backup}',
  summary: 'Shows one backup.',
  caller: 'account',
  scope: 'machine:read',
  params: one,
  status: 200,
  answer: backup,
  errors: ['backup_not_found'],
})

export const exportBackup = route({
  method: 'get',
  path: '/api/backups/{backup}/archive',
  summary: 'The archive of a backup as it was made: a tar, decrypted. An answer that breaks off is not all of it.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 200,
  answer: z.custom<ReadableStream<Uint8Array>>(),
  answersBytes: archiveType,
  errors: ['backup_not_found', 'backup_state', 'backup_damaged'],
})

export const verifyBackup = route({
  method: 'post',
  path: '/api/backups/{backup}/verify',
  summary: 'Reads a backup where it is stored, opens it, and holds it against its hash.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 200,
  answer: backup,
  errors: ['backup_not_found', 'backup_state', 'backup_damaged'],
})

export const removeBackup = route({
  method: 'delete',
  path: '/api/backups/{backup}',
  summary: 'Removes a backup for good.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 204,
  answer: nothing,
  errors: ['backup_not_found'],
})

export const restoreBackup = route({
  method: 'post',
  path: '/api/machines/{machine}/restores/{backup}',
  summary:
    'Puts a backup in the place of all that is on a running machine of the account. Keys, access and address stay as they are.',
  caller: 'account',
  scope: 'machine:write',
  params: z.object({ machine: machineId, backup: backupId }),
  status: 202,
  answer: restore,
  errors: ['machine_not_found', 'machine_not_running', 'backup_not_found', 'backup_state'],
})

export const showRestore = route({
  method: 'get',
  path: '/api/machines/{machine}/restore',
  summary: 'What was put back on a machine last, and how that went; null: nothing yet.',
  caller: 'account',
  scope: 'machine:read',
  params: ofMachine,
  status: 200,
  answer: z.object({ restore: z.nullable(restore) }),
  errors: ['machine_not_found'],
})
