// A whole backend as a process that can be killed at any of its places. Orders come from the bench by IPC; they call the
// verbs of the server's machine noun, as its routes do.

import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { lockFolder } from '@spoq/kit/folder-lock'
import { localProvider } from '@spoq/providers/local'
import { type Backend, startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'
import { openDatabase } from '@spoq/server/db/open'
import { openJobs } from '@spoq/server/job/open'
import { create } from '@spoq/server/machine/create'
import { start } from '@spoq/server/machine/start'
import { stop } from '@spoq/server/machine/stop'
import { terminate } from '@spoq/server/machine/terminate'
import { defaultPorts } from '@spoq/server/ports'
import { places } from './places.ts'
import type { FromBackend, Order, Settled, ToBackend } from './protocol.ts'
import { installWitness, isAtRest, machineOf, readMachines } from './rows.ts'
import { watchDialect } from './watch-database.ts'
import { watchProvider } from './watch-provider.ts'
import { watchSystem } from './watch-system.ts'

const asker = { account: 'accountOfTheCrashBench', requestId: 'req_crash' }
// One address for all starts, whatever the port: a backend that moved would have its machines told so each time.
const address = { BASE_URL: 'http://127.0.0.1:4100', SERVER_PORT: '0' }
const config = readConfig({ ...process.env, ...address, LOG_LEVEL: 'warn' })
const all = places(() => process.kill(process.pid, 'SIGKILL'))
const tell = (message: FromBackend) => process.send?.(message)

lockFolder(join(config.dataDir, 'server'))
watchSystem(all)
const usual = defaultPorts(config)
// A PostgreSQL has no `local` beside it in the product; here it has, since nothing else can be killed and looked at.
const conductor = { node: process.execPath, entry: process.env.CRASH_CONDUCTOR ?? '' }
const provider = localProvider({ machinesDir: join(config.dataDir, 'machines'), conductor, now: Date.now })
const place = { dataDir: config.dataDir, url: config.databaseUrl }
const database = await openDatabase({ ...place, wrap: dialect => watchDialect(dialect, all) })
all.arm(process.env.CRASH_AT || null)
const backend = await startBackend(config, {
  openDatabase: async () => database,
  openJobs: async (of, log) => {
    const jobs = await openJobs(of, log)
    return { ...jobs, wake: (trx, machine) => all.around('wake', () => jobs.wake(trx, machine)) }
  },
  // The address that machines know is none where this backend answers.
  sendAccess: (_, { number }) => all.around('tell', async () => number),
  // So long a dead backend keeps others from its machines where it may not be the only one.
  leaseMs: config.databaseUrl === null ? usual.leaseMs : 1_000,
  openProviders: () => new Map([['local', watchProvider(provider, all)]]),
})
await installWitness(database)

process.on('message', (asked: ToBackend) => {
  const done = asked.do === 'order' ? carryOut(backend, asked.order) : Promise.resolve()
  done.then(settle).then(
    settled => tell({ kind: 'settled', id: asked.id, settled }),
    error => tell({ kind: 'failed', id: asked.id, error: String(error?.stack ?? error) }),
  )
})
process.on('SIGTERM', () => void backend.stop().then(() => process.exit()))
process.on('disconnect', () => process.exit())
// Killed processes save nothing by themselves.
flushCompileCache()
tell({ kind: 'ready' })

async function carryOut({ machines }: Backend, { verb, key, killAt }: Order): Promise<void> {
  const machine = await machineOf(database, key)
  all.arm(killAt)
  if (verb === 'provision') await create(machines, asker, {}, key)
  else if (machine) await { stop, start, terminate }[verb](machines, asker, machine)
}

async function settle(): Promise<Settled> {
  // Less than it takes until the next scan: recovery begins at the start, or it is too late.
  const patience = AbortSignal.timeout(25_000)
  while (!(await isAtRest(database))) {
    if (patience.aborted) throw new Error('a machine does not come to rest')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return { machines: await readMachines(database), passed: all.disarm() }
}
