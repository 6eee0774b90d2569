// A backend as a process that can be killed, with a provider that lives elsewhere. Says its port once it is ready.

import { startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'
import { remoteCloud } from './cloud.ts'

const capabilities = {
  deletes: 'now',
  billsWhileOff: false,
  workloads: ['general'],
  listLagMs: 0,
  hardware: 'own',
} as const
const provider = remoteCloud(String(process.env.CLOUD), { name: 'docker', capabilities })
const backend = await startBackend(readConfig(process.env), {
  openProviders: () => new Map([['docker', provider]]),
  sendAccess: async (_, { number }) => number,
  leaseMs: 3_000,
  scanMs: 5_000,
})
process.on('SIGTERM', () => void backend.stop().then(() => process.exit()))
process.on('disconnect', () => process.exit())
process.send?.({ port: backend.port })
