import * as z from 'zod/mini'
import { nothing, route } from '../http/index.ts'
import { loginId } from '../login/index.ts'
import { device, deviceId, deviceName, newDevices } from './device.ts'

const one = z.object({ device: deviceId })

export const listDevices = route({
  method: 'get',
  path: '/api/devices',
  summary: 'Lists the devices of the account, newest first.',
  caller: 'account',
  scope: 'account:read',
  status: 200,
  answer: z.object({ devices: z.array(device) }),
  errors: [],
})

export const addDevices = route({
  method: 'post',
  path: '/api/devices',
  summary: 'Lets keys use a profile: all of them or none. One that may already is answered as it is.',
  caller: 'account',
  scope: 'security:write',
  body: newDevices,
  status: 201,
  answer: z.object({ devices: z.array(device) }),
  errors: ['profile_not_found', 'key_refused', 'plan_limit'],
})

export const showDevice = route({
  method: 'get',
  path: '/api/devices/{device}',
  summary: 'Shows a device.',
  caller: 'account',
  scope: 'account:read',
  params: one,
  status: 200,
  answer: device,
  errors: ['device_not_found'],
})

export const renameDevice = route({
  method: 'post',
  path: '/api/devices/{device}/rename',
  summary: 'Gives a device another name.',
  caller: 'account',
  scope: 'security:write',
  params: one,
  body: z.object({ name: deviceName }),
  status: 200,
  answer: device,
  errors: ['device_not_found'],
})

export const revokeDevice = route({
  method: 'delete',
  path: '/api/devices/{device}',
  summary: 'Refuses a device from now on; what it has open is cut.',
  caller: 'account',
  scope: 'security:write',
  params: one,
  status: 204,
  answer: nothing,
  errors: ['device_not_found'],
})

export const loseDevice = route({
  method: 'post',
  path: '/api/devices/lost',
  summary: "Ends all that a lost computer has: the devices and the logins of its name, and each other's.",
  caller: 'account',
  scope: 'security:write',
  // Logins are called as their computers are, in whatever letters.
  body: z.object({ name: z.string().check(z.minLength(1), z.maxLength(200)) }),
  status: 200,
  answer: z.object({
    devices: z.array(z.object({ id: deviceId, name: deviceName, fingerprint: z.string() })),
    logins: z.array(z.object({ id: loginId, name: z.string() })),
  }),
  errors: ['device_not_found'],
})
