// Two backends behind one PostgreSQL under many clients, and one of them is killed in the middle.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '@spoq/server/db/open'
import { fakeProvider } from '@spoq/server/reconcile/fake-provider'
import { afterAll, expect, test } from 'vitest'
import { type Acknowledged, client, type Tally } from './client.ts'
import { serveCloud } from './cloud.ts'
import { startPostgres, whyNoPostgres } from './server.ts'

const clients = 200
if (whyNoPostgres) console.log(`skipped: ${whyNoPostgres}`)
const here = test.skipIf(whyNoPostgres && !process.env.CI)

const opened = new AsyncDisposableStack()
afterAll(() => opened.disposeAsync())

here(
  'one of two backends is killed under 200 clients: nothing that was acknowledged is lost or doubled',
  { timeout: 300_000 },
  async () => {
    const server = await startPostgres()
    opened.defer(() => server.remove())
    const folder = mkdtempSync(join(tmpdir(), 'spoq-two-'))
    opened.defer(() => rmSync(folder, { recursive: true }))
    const provider = fakeProvider(Date.now)
    provider.meanwhile = () => sleep(20)
    const cloud = await serveCloud(provider)
    opened.defer(() => cloud.close())

    const [doomed, survivor] = await Promise.all(
      ['a', 'b'].map(name => startChild(name, folder, server.url, cloud.url)),
    )
    if (!doomed || !survivor) throw new Error('there are not two')
    const database = await openDatabase({ dataDir: '', url: server.url })
    opened.defer(() => database.close())
    const rows = () =>
      database.query<{ id: string; state: string; wanted: string; lease_owner: string | null }>('SELECT * FROM machine')

    const begun = Date.now()
    const tally: Tally = { requests: 0, again: 0 }
    const ports = [doomed.port, survivor.port]
    const working = Promise.all(Array.from({ length: clients }, (_, at) => client(at, ports, at % 3 === 0, tally)))
    const someAreAsked = async () => {
      while ((await rows()).length < clients / 4) await sleep(20)
    }
    // Killed while it works on machines, and others are being asked for. A client that is refused ends the wait.
    await Promise.race([someAreAsked(), working])
    const before = await rows()
    doomed.child.kill('SIGKILL')
    const acknowledged = await working
    const held = before.filter(row => row.lease_owner).length
    console.log(`killed after ${before.length} machines were wanted, ${held} of them being worked on`)

    const atRest = (all: Awaited<ReturnType<typeof rows>>) =>
      all.every(row => row.state === row.wanted && !row.lease_owner)
    console.log(`all was acknowledged after ${Math.round((Date.now() - begun) / 1_000)} s`)
    const patience = AbortSignal.timeout(120_000)
    while (!atRest(await rows())) {
      if (patience.aborted) throw new Error('it does not come to rest')
      await sleep(200)
    }
    const all = await rows()
    expect(wrongs(acknowledged, all, [...provider.resources.values()])).toEqual([])
    const creates = provider.calls.filter(call => call.startsWith('create ')).length
    console.log(
      `${acknowledged.length} creates and ${acknowledged.filter(({ stopped }) => stopped).length} stops acknowledged, ` +
        `${all.length} machines, ${provider.resources.size} resources, ${creates} create calls; ` +
        `${tally.requests} requests, ${tally.again} sent again`,
    )
    expect(acknowledged).toHaveLength(clients)
    expect(survivor.child.exitCode).toBe(null)
  },
)

/** What was promised and is not so, as sentences. */
function wrongs(
  acknowledged: Acknowledged[],
  rows: { id: string; state: string; wanted: string }[],
  resources: { machine: string; state: string }[],
): string[] {
  const found: string[] = []
  const byId = new Map(rows.map(row => [row.id, row]))
  const tagged = Map.groupBy(resources, ({ machine }) => machine)
  for (const { created, stopped } of acknowledged) {
    const state = byId.get(created.id)?.state
    const wanted = stopped ? 'stopped' : 'running'
    if (state !== wanted) found.push(`${created.name} is ${state}, not ${wanted}`)
    const states = tagged.get(created.id)?.map(resource => resource.state) ?? []
    if (states.join() !== wanted) found.push(`${created.name} has the resources [${states}], not one that is ${wanted}`)
  }
  for (const machine of tagged.keys()) if (!byId.has(machine)) found.push(`a resource of ${machine} is nobody's`)
  if (rows.length !== acknowledged.length)
    found.push(`there are ${rows.length} machines for ${acknowledged.length} creates`)
  return found
}

async function startChild(name: string, folder: string, url: string, cloud: string) {
  const child: ChildProcess = fork(join(import.meta.dirname, 'child.ts'), [], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      SPOQ_DATA_DIR: join(folder, name),
      KEY_FILE: join(folder, 'key'),
      SERVER_PORT: '0',
      SERVER_HOST: '127.0.0.1',
      BASE_URL: 'http://127.0.0.1:4100',
      DATABASE_URL: url,
      CLOUD: cloud,
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  opened.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return { child, port }
}
