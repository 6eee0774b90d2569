// The routes of backups: each calls its verb.

import * as route from '@spoq/contracts/backup'
import type { Serve } from '../http/serve.ts'
import { ownMachine } from '../machine/owner.ts'
import { create } from './create.ts'
import { exported } from './export.ts'
import { ownBackup } from './owner.ts'
import type { BackupPorts } from './ports.ts'
import { remove } from './remove.ts'
import { restore } from './restore.ts'
import { toBackup, toRestore } from './shape.ts'
import { findRestore, listBackups, listOfAccount } from './store.ts'
import { verify } from './verify.ts'

export function registerBackups(serve: Serve, ports: BackupPorts): void {
  const { db } = ports
  serve.account(route.listBackups, async ({ params }, { account }) => {
    await ownMachine(db, account, params.machine)
    return { backups: (await listBackups(db, account, params.machine)).map(toBackup) }
  })
  serve.account(route.listAllBackups, async (_, { account, limited }) => ({
    backups: (await listOfAccount(db, account, limited?.machine ?? null)).map(toBackup),
  }))
  serve.account(route.createBackup, ({ params, body }, asker) => create(ports, asker, { ...params, ...body }))
  serve.account(route.showBackup, async ({ params }, asker) => toBackup(await ownBackup(db, asker, params.backup)))
  serve.account(route.exportBackup, ({ params }, asker) => exported(ports, asker, params.backup))
  serve.account(route.verifyBackup, ({ params }, asker) => verify(ports, asker, params.backup))
  serve.account(route.removeBackup, ({ params }, asker) => remove(ports, asker, params.backup))
  serve.account(route.restoreBackup, ({ params }, asker) => restore(ports, asker, params))
  serve.account(route.showRestore, async ({ params }, { account }) => {
    await ownMachine(db, account, params.machine)
    const row = await findRestore(db, params.machine)
    return { restore: row ? toRestore(row) : null }
  })
}
