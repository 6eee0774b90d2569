import { execFileSync } from 'node:child_process'
import { setupReport } from '@spoq/contracts/setup'
import fc from 'fast-check'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { findMachine } from '../machine/store.ts'
import { putMachine } from '../machine/test-ports.ts'
import { setUpMs, silentMs } from './begin.ts'
import { plain, tailOf } from './clean.ts'
import { machineSetup, type SetupPorts, scriptBody } from './open.ts'
import { report } from './report.ts'
import { largestScript, scriptOf } from './script.ts'
import { showLog } from './show-log.ts'
import { sshKeyOf } from './ssh-key.ts'

let database: Database
let time: number
let woken: string[]
let ports: SetupPorts & { wake: (_: unknown, machine: string) => Promise<void> }
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  time = Date.parse('2026-11-21T10:00:00Z')
  woken = []
  const release = {
    version: '1',
    platform: 'linux-x64',
    file: 'spoq-1-0123456789ab-linux-x64.tar.gz',
    sha256: 'a'.repeat(64),
    bytes: 1,
  }
  ports = {
    db: database.db,
    secret: 'the secret of this backend',
    releases: { current: async () => release, find: () => null },
    installation: 'tests',
    endpointOf: ({ name }) => `https://${name}.spoq.test`,
    issuer: 'https://spoq.test',
    jwksUrl: 'https://spoq.test/jwks',
    tls: 'public',
    now: () => time,
    wake: async (_, machine) => void woken.push(machine),
  }
})
afterAll(() => database.close())

const hostKey = `ssh-ed25519 AAAA${'b'.repeat(64)}`
const tokenIn = (script: string) => /^SPOQ_SETUP_TOKEN='(.+)'$/m.exec(script)?.[1] ?? ''

async function ordered(anew = true) {
  const row = await putMachine(database)
  const script = await machineSetup(ports).scriptFor(row, anew)
  return { row, machine: row.id, script, token: tokenIn(script) }
}
async function seen(machine: string) {
  const row = await findMachine(database.db, machine)
  return row && (await machineSetup(ports).look([row])).get(machine)
}
const say = (machine: string, token: string | undefined, more: object = {}) =>
  report(ports, token, setupReport.parse({ machine, stage: 'making users', lines: [], ...more }))

test('the script holds what its machine is told, fits every provider, and is a script', async () => {
  const { machine, row, script } = await ordered()
  expect(Buffer.byteLength(script)).toBeLessThan(largestScript)
  execFileSync('sh', ['-n'], { input: script })
  // Up to what it does: what it knows.
  const told = execFileSync('sh', { input: `${script.split('\nset -eu')[0]}\nset | grep ^SPOQ_`, encoding: 'utf8' })
  for (const value of [machine, `${row.name}.spoq.test`, 'a'.repeat(64), 'https://spoq.test', row.account_id])
    expect(told).toContain(value)
  expect(script).not.toContain(ports.secret)
})

test('whatever stands in a value, the shell reads it as it is', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("'", '"', '\\', '$(id)', '`id`', '\n', ' ', 'x', '=', ';') }),
      text => {
        const made = scriptOf(
          {
            ...{ machine: 'm', name: text, owner: 'o', endpoint: 'https://a.b', backend: 'b', jwksUrl: 'j' },
            ...{ release: { file: 'f', sha256: 's' }, rescueKey: 'k', token: 't', tls: 'public' },
          },
          '#!/bin/sh\nprintf %s "$SPOQ_NAME"\n',
        )
        expect(execFileSync('sh', { input: made, encoding: 'utf8' })).toBe(text)
      },
    ),
    { numRuns: 30 },
  )
})

test('a script that is made again is the same until its set-up ends', async () => {
  const { row, script, machine, token } = await ordered()
  const again = () => machineSetup(ports).scriptFor(row, false)
  expect(await again()).toBe(script)
  await say(machine, token, { error: 'the disk is full' })
  const next = await again()
  expect(tokenIn(next)).not.toBe(token)
  // What is silent for too long is another's to begin too.
  time += silentMs
  expect(tokenIn(await again())).not.toBe(tokenIn(next))
})

test('what a server says is kept, cleaned, and its machine is looked at', async () => {
  const { machine, token } = await ordered()
  await say(machine, token, {
    stage: 'making \u001b[31musers\u0007',
    lines: ['\u001b]0;title\u0007one', '\u202etwo\u0000', ' '],
  })
  expect(await seen(machine)).toMatchObject({ state: 'running', stage: 'making users', until: time + silentMs })
  expect(woken).toEqual([machine])
  await say(machine, token, { stage: 'making users', lines: ['three'] })
  expect(woken).toEqual([machine])
  const row = await database.db.selectFrom('machine_setup').select('log').executeTakeFirstOrThrow()
  expect(row.log).toBe('one\ntwo\nthree')
})

test('a failure says why with the last lines; the next report takes it back', async () => {
  const { machine, token } = await ordered()
  await say(machine, token, { lines: ['a', 'b', 'c', 'd'], error: 'the disk is full' })
  expect(await seen(machine)).toMatchObject({
    state: 'failed',
    reason: 'The set-up failed while making users: the disk is full. Its last lines: b / c / d',
  })
  await say(machine, token)
  expect(await seen(machine)).toMatchObject({ state: 'running' })
})

test('its owner reads how it went, also when it failed, and nobody else does', async () => {
  const { machine, token } = await ordered()
  const read = () => showLog(ports.db, 'alice', machine)
  expect(await read()).toMatchObject({ state: 'running', stage: null, lines: [] })
  await say(machine, token, { lines: ['apt: no network'], error: 'no network' })
  expect(await read()).toMatchObject({ state: 'failed', error: 'no network', lines: ['apt: no network'] })
  await say(machine, token, { hostKey })
  expect(await read()).toMatchObject({ state: 'done', error: null })
  await expect(showLog(ports.db, 'mallory', machine)).rejects.toMatchObject({ code: 'machine_not_found' })
  expect(await showLog(ports.db, 'alice', (await putMachine(database)).id)).toBe(null)
})

test('silence is a failure', async () => {
  const { machine } = await ordered()
  time += silentMs - 1
  expect(await seen(machine)).toMatchObject({ state: 'running' })
  time += 1
  expect(await seen(machine)).toMatchObject({
    state: 'failed',
    reason: 'The server said nothing for 20 minutes of its set-up.',
  })
})

test('"done" is taken once, with the host key, and is written down', async () => {
  const { machine, token } = await ordered()
  await say(machine, token, { stage: 'done', hostKey, release: 'spoq-1' })
  expect(await seen(machine)).toMatchObject({ state: 'done', endpoint: expect.stringMatching(/^https:/) })
  expect((await listRecords(database.db, machine)).at(-1)).toMatchObject({ action: 'machine.set-up', reason: hostKey })
  const other = hostKey.replace('b', 'c')
  for (const more of [{ hostKey }, { hostKey: other }, { error: 'no' }, {}])
    await expect(say(machine, token, more)).rejects.toMatchObject({ code: 'setup_over' })
  const row = await database.db.selectFrom('machine_setup').selectAll().executeTakeFirstOrThrow()
  expect(row).toMatchObject({ host_key: hostKey, error: null, release: 'spoq-1' })
})

test('the host key that a server says before it is done is how it is reached, until another server is ordered', async () => {
  const { machine, token, row } = await ordered()
  const setup = machineSetup(ports)
  const addresses = { v6: '2001:db8::1' }
  expect(await setup.reach(row, addresses)).toBe(null)
  await say(machine, token, { sshKey: hostKey })
  await say(machine, token, { error: 'no network' })
  const privateKey = sshKeyOf(ports.secret, machine).private
  expect(await setup.reach(row, addresses)).toEqual({ host: '2001:db8::1', user: 'root', privateKey, hostKey })
  expect(await setup.reach(row, {})).toBe(null)
  expect(await seen(machine)).toMatchObject({ state: 'failed', isKnown: true })
  await setup.begin(row, true)
  expect(await seen(machine)).toMatchObject({ state: 'running', isKnown: true, isOverSsh: true })
  await setup.scriptFor(row, true)
  expect(await seen(machine)).toMatchObject({ state: 'running', isKnown: false, isOverSsh: false })
})

test("a forged, a late, an earlier and another machine's token are refused, and change nothing", async () => {
  const { machine, token, row } = await ordered()
  const other = await ordered()
  const before = await database.db.selectFrom('machine_setup').selectAll().orderBy('machine_id').execute()
  const late = machineSetup(ports)
  for (const wrong of [undefined, '', 'forged', `${token}x`, other.token])
    await expect(say(machine, wrong, { hostKey })).rejects.toMatchObject({ code: 'token_invalid' })
  await expect(say('mach_00000000000000000000', token)).rejects.toMatchObject({ code: 'token_invalid' })
  time += setUpMs
  await expect(say(machine, token, { hostKey })).rejects.toMatchObject({ code: 'token_expired' })
  expect(await database.db.selectFrom('machine_setup').selectAll().orderBy('machine_id').execute()).toEqual(before)
  await late.scriptFor((await findMachine(database.db, row.id)) ?? row, true)
  await expect(say(machine, token, { hostKey })).rejects.toMatchObject({ code: 'token_invalid' })
})

test('no token stands in the database', async () => {
  const { token } = await ordered()
  const all = await database.db.selectFrom('machine_setup').selectAll().execute()
  expect(JSON.stringify(all)).not.toContain(token)
  expect(token.length).toBeGreaterThanOrEqual(43)
})

test('without a domain no machine is ordered, and the owner is told what is missing', async () => {
  ports.endpointOf = () => null
  await expect(ordered()).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('MACHINE_DOMAIN') })
})

// Mutant: bytes counted as characters; the newest lines dropped instead of the oldest.
test('a log keeps its newest lines, however much comes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.string({ maxLength: 400, unit: 'binary' }), { maxLength: 60 }), { maxLength: 8 }),
      reports => {
        const log = reports.reduce(tailOf, '')
        expect(Buffer.byteLength(log)).toBeLessThanOrEqual(16_384)
        const all = reports.flat().map(plain).filter(Boolean)
        expect(all.join('\n').endsWith(log)).toBe(true)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be left
        expect(log).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      },
    ),
  )
})

test('the SSH key of a machine is the same each time, its own, and one that SSH reads', () => {
  const key = sshKeyOf('secret', 'mach_a')
  expect(sshKeyOf('secret', 'mach_a')).toEqual(key)
  expect(sshKeyOf('secret', 'mach_b').public).not.toBe(key.public)
  expect(sshKeyOf('other', 'mach_a').public).not.toBe(key.public)
  const parsed = ssh2.utils.parseKey(key.private)
  if (parsed instanceof Error) throw parsed
  expect(`${parsed.type} ${parsed.getPublicSSH().toString('base64')} spoq-set-up`).toBe(key.public)
})

test('the script is plain sh, and says what is missing without root', () => {
  execFileSync('sh', ['-n'], { input: scriptBody() })
  if (process.getuid?.() === 0) return console.log('skipped: this is root')
  expect(() => execFileSync('sh', { input: scriptBody(), stdio: 'pipe' })).toThrow(/this needs root/)
})
