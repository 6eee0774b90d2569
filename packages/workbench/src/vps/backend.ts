// A backend as it ships, whose machines are trusted by a certificate of their own. `node backend.ts ROOT_CERTIFICATE
// [SCRIPT]`: with a file for scripts it has one provider of servers, which keeps the script of an order there, for whoever
// starts the server with it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import tls from 'node:tls'
import type { ProvisioningProvider, Resource } from '@spoq/providers'
import { sendAccess } from '@spoq/server/access/send'
import { startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'

const [certificate = '', script] = process.argv.slice(2)
// What was ordered outlives this process.
const ordered = `${script}.servers`
const servers = new Map<string, Resource>(existsSync(ordered) ? JSON.parse(readFileSync(ordered, 'utf8')) : [])
const keep = () => writeFileSync(ordered, JSON.stringify([...servers]))

const provider: ProvisioningProvider = {
  name: 'hetzner',
  capabilities: {
    listLagMs: 0,
    deletes: 'now',
    billsWhileOff: true,
    hardware: 'own',
    setUp: 'script',
    workloads: ['general'],
  },
  create: async ({ machine, setUpScript = '' }) => {
    const server: Resource = { ref: machine, machine, state: 'running', endpoint: null, addresses: { v4: '10.98.0.1' } }
    servers.set(machine, server)
    keep()
    writeFileSync(String(script), setUpScript, { mode: 0o600 })
    return server
  },
  status: async ref => servers.get(ref) ?? null,
  suspend: async () => {},
  resume: async () => {},
  terminate: async ref => {
    servers.delete(ref)
    keep()
  },
  find: async machine => [...servers.values()].filter(server => server.machine === machine),
  list: async () => [...servers.values()],
}

const backend = await startBackend(readConfig(process.env), {
  ...(script === undefined ? {} : { openProviders: () => new Map([['hetzner', provider]]) }),
  sendAccess: (to, snapshot) => {
    if (existsSync(certificate)) tls.setDefaultCACertificates([readFileSync(certificate, 'utf8')])
    return sendAccess(to, snapshot)
  },
})
process.once('SIGTERM', () => void backend.stop().then(() => process.exit()))
console.log('ready')
