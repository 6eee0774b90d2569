import {
  createConnection,
  listConnections,
  probeConnection,
  removeConnection,
  rotateConnection,
  showConnection,
} from '@spoq/contracts/connection'
import { SpoqError } from '@spoq/contracts/problem'
import { askedBy } from '../audit/asked-by.ts'
import type { Serve } from '../http/serve.ts'
import { create } from './create.ts'
import { list } from './list.ts'
import { ownConnection } from './owner.ts'
import type { ConnectionPorts } from './ports.ts'
import { probe } from './probe.ts'
import { remove } from './remove.ts'
import { rotate } from './rotate.ts'
import { toConnection } from './shape.ts'

export function registerConnections(serve: Serve, ports: ConnectionPorts): void {
  const { db } = ports
  serve.account(listConnections, async (_, { account, limited }) => ({
    connections: await list(db, account, limited?.machine),
  }))
  serve.account(createConnection, ({ body }, asker) => create(ports, asker, body))
  serve.account(showConnection, async ({ params }, { account, limited }) => {
    const shown = toConnection(await ownConnection(db, account, params.connection))
    if (limited?.machine && limited.machine !== shown.machine) throw new SpoqError('connection_not_found')
    return shown
  })
  serve.account(probeConnection, ({ params }, { account }) => probe(ports, account, params.connection))
  serve.account(rotateConnection, async ({ params }, asker) => {
    const { id } = await ownConnection(db, asker.account, params.connection)
    ports.count(asker.account)
    return rotate(ports, id, askedBy(asker))
  })
  serve.account(removeConnection, ({ params }, asker) => remove(ports, asker, params.connection))
}
