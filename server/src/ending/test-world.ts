// For tests: machines that end, with backups in a folder, a provider in memory and a clock that is told to pass.

import { record } from '../audit/record.ts'
import { lookOnce } from '../backup/open.ts'
import { backupWorld } from '../backup/test-machine.ts'
import { readToEnd } from '../backup/verify.ts'
import type { BackupRow, NewMachineRow } from '../db/tables.ts'
import { findMachine } from '../machine/store.ts'
import { putMachine, testPorts } from '../machine/test-ports.ts'
import type { Mail } from '../mail/mail.ts'
import { fakeProvider } from '../reconcile/fake-provider.ts'
import { reconcileMachine } from '../reconcile/reconcile.ts'
import { timesOf } from './ending.ts'
import { lookAtEndings } from './look.ts'
import type { EndingPorts } from './ports.ts'

export const times = timesOf(7)

export async function endingWorld() {
  const world = await backupWorld()
  const { database, ports: backups, pass, machine: conductor } = world
  const provider = fakeProvider(backups.now)
  const providers = new Map([['local', provider]] as const)
  const verbs = { ...testPorts(database, providers), now: backups.now }
  const mails: Mail[] = []
  const where = { issuer: 'http://127.0.0.1', jwksUrl: 'http://127.0.0.1/jwks' }
  const lease = { owner: 'backend_a', ms: 30_000 }
  const clock = { now: backups.now, databaseNow: async () => backups.now() }
  const reconcile = { ...database, lease, providers, ...where, ...clock, log: () => {} }
  const ports: EndingPorts = {
    ...verbs,
    times,
    copies: true,
    verify: (row: BackupRow) => readToEnd(backups, row),
    linkOf: backup => `https://spoq.test/backups/${backup}`,
    wakeBackups: () => {},
    mail: {
      put: async (_, mail) => {
        mails.push(mail)
      },
      wake: () => {},
    },
    log: () => {},
  }

  /** Has everybody do what there is to be done now. */
  async function settle(machine: string): Promise<void> {
    for (let round = 0; round < 4; round++) {
      await lookAtEndings(ports)
      await lookOnce(backups)
      for (let looks = 0; looks < 30; looks++) {
        const at = await reconcileMachine(reconcile, machine)
        if (at === null || at - backups.now() > 5_000) break
        pass(Math.max(0, at - backups.now()))
      }
    }
  }

  /** A machine that has come up, and is wanted so. */
  async function machine(put: Partial<NewMachineRow> = {}): Promise<string> {
    const { id } = await putMachine(database, put)
    await settle(id)
    return id
  }

  const row = async (id: string) => {
    const found = await findMachine(database.db, id)
    if (!found) throw new Error('it is gone')
    return found
  }
  const ran = (id: string) =>
    database.db
      .transaction()
      .execute(trx => record(trx, { actor: 'test', action: 'machine.state', resource: id, to: 'running' }, 0))
  const look = (others: EndingPorts) => lookAtEndings(others)
  return { ...world, look, conductor, ports, verbs, backups, provider, mails, settle, machine, row, ran }
}
