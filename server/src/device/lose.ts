import { SpoqError } from '@spoq/contracts/problem'
import type { Caller, DevicePorts, LostLogin } from './ports.ts'
import { revokeAll } from './revoke.ts'
import { type DeviceRow, listDevices } from './store.ts'

interface Lost {
  devices: Pick<DeviceRow, 'id' | 'name' | 'fingerprint'>[]
  logins: Pick<LostLogin, 'id' | 'name'>[]
}

/**
 * Ends all that a computer has: the devices of that name, the logins of that name or of one that added such a device, and
 * the other devices that these logins added as their own.
 * @throws SpoqError `device_not_found` when there is nothing of it.
 */
export async function lose(ports: DevicePorts, caller: Caller, name: string): Promise<Lost> {
  const { account, from } = caller
  return ports.db.transaction().execute(async trx => {
    const all = await listDevices(trx, account)
    const called = all.filter(device => device.name === name)
    const logins = called.map(({ login_id }) => login_id).filter(login => login !== null)
    const known = await ports.logins.find(trx, account, { name, logins })
    const theirs = new Set(known.map(({ id }) => id))
    const devices = all.filter(one => one.name === name || (one.login_id !== null && theirs.has(one.login_id)))
    const standing = known.filter(({ stands }) => stands)
    if (devices.length + standing.length === 0)
      throw new SpoqError('device_not_found', { message: `No device and no login is called ${name}.` })
    await revokeAll(ports, trx, caller, devices)
    for (const { id } of standing) await ports.logins.end(trx, account, id, from)
    return {
      devices: devices.map(({ id, name, fingerprint }) => ({ id, name, fingerprint })),
      logins: standing.map(({ id, name }) => ({ id, name })),
    }
  })
}
