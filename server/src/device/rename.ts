import type { Device } from '@spoq/contracts/device'
import { record } from '../audit/record.ts'
import { ownDevice } from './look.ts'
import type { Caller, DevicePorts } from './ports.ts'
import { toDevice } from './shape.ts'
import { changeName } from './store.ts'

/** @throws SpoqError `device_not_found`. */
export async function rename(ports: DevicePorts, caller: Caller, device: string, name: string): Promise<Device> {
  const { account, from: origin } = caller
  const plan = await ports.planOf(account)
  return ports.db.transaction().execute(async trx => {
    const row = await ownDevice(trx, account, device)
    if (row.name === name) return toDevice(row, plan)
    await changeName(trx, row.id, name)
    const by = { actor: `account:${account}`, account, origin, action: 'device.rename' }
    await record(trx, { ...by, resource: row.id, reason: `${row.name} to ${name}` }, ports.now())
    return toDevice({ ...row, name }, plan)
  })
}
