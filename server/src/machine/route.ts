// The routes of machines: each calls its verb.

import {
  createMachine,
  listMachines,
  machineHistory,
  renameMachine,
  showMachine,
  startMachine,
  stopMachine,
  terminateMachine,
} from '@spoq/contracts/machine'
import { keyOf } from '../http/key.ts'
import type { Serve } from '../http/serve.ts'
import { create } from './create.ts'
import { history } from './history.ts'
import { list } from './list.ts'
import type { MachinePorts } from './ports.ts'
import { rename } from './rename.ts'
import { show } from './show.ts'
import { start } from './start.ts'
import { stop } from './stop.ts'
import { terminate } from './terminate.ts'

export function registerMachine(serve: Serve, ports: MachinePorts): void {
  const { db } = ports
  serve.account(listMachines, async ({ query }, { account, limited }) => ({
    machines: await list(db, account, query.all, limited?.machine),
  }))
  serve.account(createMachine, (input, asker) => create(ports, asker, input.body, keyOf(input.header)))
  serve.account(showMachine, ({ params }, { account }) => show(db, account, params.machine))
  serve.account(machineHistory, async ({ params }, { account }) => ({
    records: await history(db, account, params.machine),
  }))
  serve.account(renameMachine, ({ params, body }, asker) => rename(ports, asker, params.machine, body.name))
  serve.account(stopMachine, ({ params }, asker) => stop(ports, asker, params.machine))
  serve.account(startMachine, ({ params }, asker) => start(ports, asker, params.machine))
  serve.account(terminateMachine, ({ params }, asker) => terminate(ports, asker, params.machine))
}
