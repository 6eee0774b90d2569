// Connections as the provider `byo` knows them: those whose machine is not over.

import { SpoqError } from '@spoq/contracts/problem'
import { ProviderError } from '@spoq/providers'
import type { Connection, Connections } from '@spoq/providers/byo'
import { findMachine } from '../machine/store.ts'
import { remove as removeSecret } from '../secret/remove.ts'
import { type ConnectionPorts, secretOf } from './ports.ts'
import { reach } from './reach.ts'
import { rotate } from './rotate.ts'
import {
  type ConnectionRow,
  changeConnection,
  deleteConnection,
  findConnection,
  findOfMachine,
  listBound,
} from './store.ts'

export function serversOf(ports: ConnectionPorts): Connections {
  const { db } = ports
  const toServer = async (row: ConnectionRow | undefined): Promise<Connection | null> => {
    const machine = row?.machine_id ? await findMachine(db, row.machine_id) : undefined
    if (!row || !machine || machine.state === 'terminated') return null
    return {
      ...{ ref: row.id, machine: machine.id, user: row.login_name, publicKey: row.public_key },
      ...{ isEnding: machine.wanted === 'terminated', isCleaned: row.cleaned_at !== null },
    }
  }
  const known = async (ref: string) => {
    const row = await findConnection(db, ref)
    if (!row) throw new ProviderError('gone', 'There is no such connection any more.')
    return row
  }
  return {
    find: async machine => toServer(await findOfMachine(db, machine)),
    get: async ref => toServer(await findConnection(db, ref)),
    list: async () => (await Promise.all((await listBound(db)).map(toServer))).filter(one => one !== null),
    target: async ref => reach(ports, await known(ref)).catch(fault),
    noteCleaned: ref => changeConnection(db, ref, { cleaned_at: new Date(ports.now()) }),
    forget: ref =>
      db.transaction().execute(async trx => {
        const row = await findConnection(trx, ref)
        await deleteConnection(trx, ref)
        if (row) await removeSecret(trx, secretOf(row))
      }),
    rotate: async ref => {
      await rotate(ports, ref, { actor: 'reconciler' }).catch(fault)
    },
  }
}

/** A name that does not resolve just now may do so again. */
function fault(error: unknown): never {
  if (!(error instanceof SpoqError)) throw error
  throw new ProviderError('retry', error.message, { cause: error, undone: true })
}
