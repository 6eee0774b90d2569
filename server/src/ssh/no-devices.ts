import type { Devices } from './ports.ts'

/** Where nothing knows any device, nobody comes in. */
export const noDevices: Devices = { whoMay: async () => null, revokedAmong: async devices => [...devices] }
