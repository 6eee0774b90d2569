// A backend as it ships, whose machines are Conductors as processes, each in a network of its own. `node backend.ts PLACES`: a
// file that says for each machine's name where it stands, and which words begin a command there.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { MachineSpec, ProvisioningProvider, Resource } from '@spoq/providers'
import { startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'

const [file = ''] = process.argv.slice(2)
/** Words and folder, by name. */
const places: Record<string, { enter: string[]; folder: string }> = JSON.parse(readFileSync(file, 'utf8'))
const program = resolve(import.meta.dirname, '../../../../conductor/dist/main.js')
const specs = new Map<string, MachineSpec>()
const running = new Map<string, ChildProcess>()

const placeOf = ({ name }: MachineSpec) => places[name] ?? { enter: [], folder: join(file, '..', name) }
const seen = (machine: string): Resource | null =>
  specs.has(machine)
    ? { ref: machine, machine, state: running.has(machine) ? 'running' : 'stopped', endpoint: null }
    : null

async function start(machine: string): Promise<void> {
  const spec = specs.get(machine)
  if (!spec || running.has(machine)) return
  const { enter, folder } = placeOf(spec)
  const [first = '', ...words] = [...enter, process.execPath, program, '--folder', folder]
  const log = openSync(join(folder, 'said'), 'a')
  running.set(machine, spawn(first, words, { stdio: ['ignore', log, log] }))
}

async function suspend(machine: string): Promise<void> {
  const child = running.get(machine)
  running.delete(machine)
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

const provider: ProvisioningProvider = {
  name: 'docker',
  capabilities: { listLagMs: 0, deletes: 'now', billsWhileOff: false, hardware: 'own', workloads: ['general'] },
  async create(spec) {
    const { machine, owner, issuer, jwksUrl, tunnel } = spec
    const { folder } = placeOf(spec)
    mkdirSync(join(folder, 'workspace'), { recursive: true })
    const config = { machine, members: [owner], issuer, jwksUrl, tunnel, edge: null }
    writeFileSync(join(folder, 'conductor.json'), JSON.stringify(config), { mode: 0o600 })
    specs.set(machine, spec)
    await start(machine)
    return seen(machine) as Resource
  },
  status: async ref => seen(ref),
  suspend,
  resume: start,
  async terminate(ref) {
    await suspend(ref)
    specs.delete(ref)
  },
  find: async machine => [seen(machine)].filter(resource => resource !== null),
  list: async () => [...specs.keys()].map(seen).filter(resource => resource !== null),
}

const backend = await startBackend(readConfig(process.env), { openProviders: () => new Map([['docker', provider]]) })
process.once('SIGTERM', async () => {
  await backend.stop()
  await Promise.all([...running.keys()].map(suspend))
  process.exit()
})
console.log('ready')
