// The routes of what is done to a machine once.

import { resizeMachine, restartMachine, rotateMachine } from '@spoq/contracts/machine'
import * as wire from '@spoq/contracts/snapshot'
import type { Serve } from '../http/serve.ts'
import type { MachinePorts } from '../machine/ports.ts'
import { removeSnapshot, resize, restore, rotate, takeSnapshot } from './ask.ts'
import { listSnapshots } from './list.ts'
import { restart } from './restart.ts'

export function registerTasks(serve: Serve, ports: MachinePorts): void {
  serve.account(resizeMachine, ({ params, body }, asker) => resize(ports, asker, params.machine, body))
  serve.account(restartMachine, ({ params }, asker) => restart(ports, asker, params.machine))
  serve.account(rotateMachine, ({ params }, asker) => rotate(ports, asker, params.machine))
  serve.account(wire.listSnapshots, async ({ params }, { account }) => ({
    snapshots: await listSnapshots(ports.db, account, params.machine),
  }))
  serve.account(wire.takeSnapshot, ({ params, body }, asker) => takeSnapshot(ports, asker, params.machine, body.name))
  serve.account(wire.restoreSnapshot, ({ params }, asker) => restore(ports, asker, params.machine, params.snapshot))
  serve.account(wire.removeSnapshot, ({ params }, asker) =>
    removeSnapshot(ports, asker, params.machine, params.snapshot),
  )
}
