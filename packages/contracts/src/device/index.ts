export { type Device, device, deviceId, deviceName, keySource, newDevices, publicKey } from './device.ts'
export { addDevices, listDevices, loseDevice, renameDevice, revokeDevice, showDevice } from './routes.ts'
