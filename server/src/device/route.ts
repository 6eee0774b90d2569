import { addDevices, listDevices, loseDevice, renameDevice, revokeDevice, showDevice } from '@spoq/contracts/device'
import type { Serve } from '../http/serve.ts'
import { add } from './add.ts'
import { list, show } from './look.ts'
import { lose } from './lose.ts'
import type { DevicePorts } from './ports.ts'
import { rename } from './rename.ts'
import { revoke } from './revoke.ts'

/** The routes of devices. */
export function registerDevices(serve: Serve, ports: DevicePorts): void {
  serve.account(listDevices, async (_, { account }) => ({ devices: await list(ports, account) }))
  serve.account(addDevices, async ({ body }, caller) => ({ devices: await add(ports, caller, body) }))
  serve.account(showDevice, ({ params }, { account }) => show(ports, account, params.device))
  serve.account(renameDevice, ({ params, body }, caller) => rename(ports, caller, params.device, body.name))
  serve.account(revokeDevice, ({ params }, caller) => revoke(ports, caller, params.device))
  serve.account(loseDevice, ({ body }, caller) => lose(ports, caller, body.name))
}
