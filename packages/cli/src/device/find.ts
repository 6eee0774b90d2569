import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Device, listDevices } from '@spoq/contracts/device'
import { SpoqError } from '@spoq/contracts/problem'

/**
 * The device that is meant, by its id, its fingerprint or its name.
 * @throws SpoqError `device_not_found`; `ambiguous_id` when several are called so.
 */
export async function findDevice(backend: Target, typed: string): Promise<Device> {
  const { devices } = await call(backend, listDevices)
  const [first, ...others] = devices.filter(
    ({ id, name, fingerprint }) =>
      id === typed || name === typed || fingerprint === typed || fingerprint === `SHA256:${typed}`,
  )
  if (!first) throw new SpoqError('device_not_found', { message: `There is no device ${typed}.` })
  if (others.length === 0) return first
  throw new SpoqError('ambiguous_id', {
    message: `Several devices are meant by ${typed}: ${[first, ...others].map(({ id }) => id).join(', ')}`,
    next: 'Name one by its id, as spoq device list shows it.',
  })
}
