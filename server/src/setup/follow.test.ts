import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestServer, type TestServer } from '@spoq/kit/ssh-job/test-server'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import type { MachineRow } from '../db/tables.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { putMachine } from '../machine/test-ports.ts'
import type { Following } from './follow.ts'
import { machineSetup, type SetupPorts } from './open.ts'
import { listSetups } from './store.ts'

const hostKey = `ssh-ed25519 AAAA${'b'.repeat(64)}`

let database: Database
let folder: string
let server: TestServer
let ports: SetupPorts
let row: MachineRow
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  folder = mkdtempSync(join(tmpdir(), 'spoq-follow-'))
  // The script itself is never run here: what a test says is, in its place, and in a folder of this test.
  const as = (command: string) =>
    command.replaceAll('/var/lib/spoq-jobs', `${folder}/jobs`).replaceAll('sh script >log', `sh ${folder}/fake >log`)
  server = await startTestServer({ as })
  writeFileSync(join(folder, 'release'), 'a release')
  const file = 'spoq-1-0123456789ab-linux-x64.tar.gz'
  const release = { version: '1', platform: 'linux-x64', file, sha256: 'a'.repeat(64), bytes: 9 }
  ports = {
    ...{ db: database.db, secret: 's', installation: 'tests', tls: 'public', now: Date.now },
    releases: { current: async () => release, find: () => ({ path: join(folder, 'release'), bytes: 9 }) },
    endpointOf: ({ name }) => `https://${name}.spoq.test`,
    ...{ issuer: 'https://spoq.test', jwksUrl: 'https://spoq.test/jwks' },
  }
  row = await putMachine(database, { provider: 'byo' })
  await machineSetup(ports).begin(row, true)
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})
afterAll(() => database.close())

const script = (...lines: string[]) => writeFileSync(join(folder, 'fake'), `${lines.join('\n')}\n`)
const done = [`echo 'host-key: ${hostKey}'`, 'echo done']
const seen = async () => (await machineSetup(ports).look([row])).get(row.id)
const log = async () => (await listSetups(ports.db, [row.id]))[0]?.log
function follow(more: Partial<Following> = {}) {
  const following = { target: server.target, isBrought: true, signal: new AbortController().signal }
  return machineSetup(ports).follow(row, { ...following, onStage: async () => {}, ...more })
}

test('what the server says is written down, its stages told, and its end with the host key', async () => {
  script('echo "stage: making users"; sleep 0.5; echo one; echo "stage: setting up https"; sleep 0.5', ...done)
  const stages: string[] = []
  await follow({ onStage: async stage => void stages.push(stage) })
  // What is over before anybody looks is not told.
  expect(stages.at(-1)).toBe('setting up https')
  expect(await seen()).toMatchObject({ state: 'done', endpoint: `https://${row.name}.spoq.test` })
  expect(await listRecords(ports.db, row.id)).toMatchObject([{ action: 'machine.set-up', reason: hostKey }])
  // The release went along, and the script came with no token.
  expect(readFileSync(join(folder, 'jobs/spoq-1-0123456789ab-linux-x64.tar.gz'), 'utf8')).toBe('a release')
  const sent = readFileSync(join(folder, `jobs/set-up-${row.id.replace('_', '-')}-1/script`), 'utf8')
  expect(sent).toContain(`SPOQ_MARKER='${row.id} tests'`)
  expect(sent).toContain("SPOQ_SETUP_TOKEN=''")
})

test('a failure is told with its reason; begun anew it is another run', async () => {
  script('echo "stage: installing packages"', 'echo "failed: installing packages: the disk is full"', 'exit 1')
  await follow()
  expect(await seen()).toMatchObject({
    state: 'failed',
    reason: expect.stringMatching(/^The set-up failed while installing packages: the disk is full\./),
  })
  await machineSetup(ports).begin(row, true)
  script(...done)
  await follow()
  expect(await seen()).toMatchObject({ state: 'done' })
})

// Mutants: the job's id without its round or with another at each start; a log that goes on where the dead one was.
test('a backend that died is followed by another: the script runs once, and its log is whole and not doubled', async () => {
  script(`echo run >>${folder}/runs`, 'for n in 1 2 3 4 5 6; do echo "line $n"; sleep 0.3; done', ...done)
  const dying = new AbortController()
  const first = follow({ signal: dying.signal })
  setTimeout(() => dying.abort(new Error('killed')), 1_200)
  await expect(first).rejects.toThrow('killed')
  expect(await seen()).toMatchObject({ state: 'running' })
  await follow()
  expect(await seen()).toMatchObject({ state: 'done' })
  expect((await log())?.split('\n')).toEqual([
    ...[1, 2, 3, 4, 5, 6].map(n => `line ${n}`),
    `host-key: ${hostKey}`,
    'done',
  ])
  expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('run\n')
})

test('connections that break are nobody’s concern', async () => {
  script('for n in 1 2 3 4 5 6; do echo "line $n"; sleep 0.3; done', ...done)
  let cuts = 0
  const cutting = setInterval(() => {
    if (cuts++ < 4) server.cut()
  }, 700)
  await follow().finally(() => clearInterval(cutting))
  expect(await seen()).toMatchObject({ state: 'done' })
  expect(await log()).toMatch(/^line 1\nline 2\nline 3\nline 4\nline 5\nline 6\nhost-key/)
})

test('what is said of a set-up that another has taken over is not written', async () => {
  script('for n in 1 2 3 4 5 6 7 8; do echo "line $n"; sleep 0.3; done', ...done)
  const following = follow()
  await sleep(1_000)
  await machineSetup(ports).begin(row, true)
  await expect(following).rejects.toThrow('this set-up is over')
  expect(await log()).toBe('')
})

test.each([['another host key', () => ({ hostKey: `ssh-ed25519 AAAAC3Nz${'b'.repeat(60)}` }), /another SSH host key/]])(
  '%s: the set-up ends there, and says so',
  async (_, change, why) => {
    script(...done)
    const target = { ...server.target, ...change() }
    await follow({ target })
    expect(await seen()).toMatchObject({ state: 'failed', reason: expect.stringMatching(why) })
  },
)

test('what a server says as its host key and is none is no end', async () => {
  script("echo 'host-key: ssh-rsa x'", 'echo done')
  await follow()
  expect(await seen()).toMatchObject({ state: 'failed', reason: expect.stringContaining('ended with status 0') })
})

test('a machine that is set up again is what it was until the end, on a server that has its pinned key', async () => {
  script(...done)
  await follow()
  const setup = machineSetup(ports)
  const before = await seen()
  const renamed = { ...row, name: 'another-name' }
  const isNow = async () => (await setup.look([renamed])).get(row.id)
  const again = async (hostKey: string) => {
    await setup.renew(renamed)
    const target = { ...server.target, hostKey }
    await setup.follow(renamed, {
      ...{ target, isBrought: false, signal: new AbortController().signal, onStage: async () => {} },
    })
  }
  script(`echo run >>${folder}/runs`, ...done)
  await again(hostKey)
  expect(await isNow()).toMatchObject({
    ...{ state: 'done', endpoint: before?.endpoint },
    renewal: { notBefore: expect.any(Number), failed: expect.stringContaining('another SSH host key') },
  })
  expect(() => readFileSync(join(folder, 'runs'))).toThrow()
  await again(server.hostKey)
  expect(await isNow()).toMatchObject({ state: 'done', endpoint: 'https://another-name.spoq.test', renewal: null })
  const sent = readFileSync(join(folder, `jobs/set-up-${row.id.replace('_', '-')}-3/script`), 'utf8')
  expect(sent).toContain("SPOQ_RELEASE='spoq-1-0123456789ab-linux-x64.tar.gz'")
  expect(sent).toContain("SPOQ_SITE='another-name.spoq.test'")
})
