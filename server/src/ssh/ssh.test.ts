import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import type { MachineRow } from '../db/tables.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { putMachine } from '../machine/test-ports.ts'
import { end, endLost, report } from './end.ts'
import { enter } from './enter.ts'
import type { Comer, SshPorts } from './ports.ts'
import { keepGateway } from './store.ts'
import { lostMs } from './times.ts'

let database: Database
let machine: MachineRow
let time: number
let comer: Comer | null
let revoked: string[]
/** What machines were told, and what they answer. */
let told: { machine: string; endpoint: string; authorities: string[] }[]
let hostKey: string
let woken: string[]
/** Whether machines that do not run come up. */
let comesUp: boolean
let ports: SshPorts

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  await emptyTables(database)
  machine = await putMachine(database, { provider: 'docker', state: 'running', endpoint: 'https://m.test' })
  time = Date.parse('2026-01-01T00:00:00Z')
  comer = { account: machine.account_id ?? '', machine: machine.id, device: 'dev_1', mayForward: true, mayTty: true }
  ;[revoked, told, hostKey, woken, comesUp] = [[], [], 'ssh-ed25519 ONE', [], false]
  ports = {
    db: database.db,
    devices: { whoMay: async () => comer, revokedAmong: async all => all.filter(device => revoked.includes(device)) },
    logins: noLogins,
    asking: noQuestions,
    prepare: async (machine, endpoint, authorities) => {
      told.push({ machine, endpoint, authorities })
      return { hostKey, user: 'ann' }
    },
    wakeUp: async machine => {
      woken.push(machine)
      return comesUp
    },
    sessionsAnAccount: 3,
    now: () => time,
    log: () => {},
  }
  await keepGateway(database.db, { authority: 'ssh-ed25519 CA', hostKey: 'ssh-ed25519 HOST' }, new Date(time))
})

const noLogins: SshPorts['logins'] = { begin: never, end: never, standing: never }
const noQuestions: SshPorts['asking'] = { count: never, words: never, page: '', seconds: 0 }
function never(): never {
  throw new Error('nobody asks for that here')
}

const wish = { gateway: 'g', name: 'ann', profile: '', key: 'AAAA', address: '203.0.113.7' }
const records = async () =>
  (await listRecords(database.db, machine.id)).filter(({ action }) => action.startsWith('ssh.'))

test('whose key it is, is led to the machine, which is told whom to trust once', async () => {
  const first = await enter(ports, wish)
  expect(first).toMatchObject({ machine: machine.id, user: 'ann', hostKey, mayForward: true, way: { kind: 'tunnel' } })
  await enter(ports, wish)
  expect(told).toEqual([{ machine: machine.id, endpoint: 'https://m.test', authorities: ['ssh-ed25519 CA'] }])
})

test('another gateway, or ten minutes, has it told again; a gateway that is gone for a week is trusted no longer', async () => {
  await enter(ports, wish)
  await keepGateway(database.db, { authority: 'ssh-ed25519 DB', hostKey: 'x' }, new Date(time))
  await enter(ports, wish)
  time += 600_001
  await enter(ports, wish)
  expect(told.map(({ authorities }) => authorities.length)).toEqual([1, 2, 2])
  time += 8 * 86_400_000
  await keepGateway(database.db, { authority: 'ssh-ed25519 CA', hostKey: 'x' }, new Date(time))
  await enter(ports, wish)
  expect(told.at(-1)?.authorities).toEqual(['ssh-ed25519 CA'])
})

test('nobody is let in whom no device is, nor to a machine that changed hands', async () => {
  const mine = comer as Comer
  comer = { ...mine, account: 'another' }
  await expect(enter(ports, wish)).rejects.toMatchObject({ code: 'not_found' })
  comer = null
  await expect(enter(ports, wish)).rejects.toMatchObject({ code: 'not_found' })
  expect(await records()).toEqual([])
})

test('a machine with another host key than it had is not trusted, and one that does not run is not asked', async () => {
  await enter(ports, wish)
  time += 600_001
  hostKey = 'ssh-ed25519 OTHER'
  await expect(enter(ports, wish)).rejects.toMatchObject({ code: 'machine_unreachable' })
  await database.db.updateTable('machine').set({ state: 'suspended' }).execute()
  await expect(enter(ports, wish)).rejects.toMatchObject({ code: 'machine_unreachable' })
})

test('a machine that sleeps wakes for who is let in, and for nobody else', async () => {
  await database.db
    .updateTable('machine')
    .set({ state: 'suspended', holds: '["idle"]' } as never)
    .execute()
  comesUp = true
  await expect(enter(ports, wish)).rejects.toMatchObject({
    code: 'machine_away',
    message: expect.stringContaining('is waking up'),
  })
  expect([woken, told, await records()]).toEqual([[machine.id], [], []])
  comer = null
  await expect(enter(ports, wish)).rejects.toMatchObject({ code: 'not_found' })
  expect(woken).toHaveLength(1)
})

test('an account has as many sessions as it may, those that are lost not counted', async () => {
  for (let sessions = 0; sessions < 3; sessions++) await enter(ports, wish)
  await expect(enter(ports, wish)).rejects.toMatchObject({ code: 'ssh_full' })
  time += lostMs + 1
  await enter(ports, wish)
})

test('a session ends once, with what it was', async () => {
  const { session } = await enter(ports, wish)
  time += 90_000
  const was = { reason: 'done', kinds: ['shell', 'sftp'], bytesIn: 5, bytesOut: 7 }
  await Promise.all([end(ports, session, was), end(ports, session, was)])
  await end(ports, session, { ...was, reason: 'again' })
  expect(await records()).toMatchObject([
    { action: 'ssh.begin', reason: 'key', credential: 'dev_1', requestId: session },
    { action: 'ssh.end', reason: 'shell and sftp, 5 bytes in, 7 out, 90 s: done', requestId: session },
  ])
})

test('a report names those that may no longer be: revoked, ended, or never begun', async () => {
  const { session } = await enter(ports, wish)
  const { session: over } = await enter(ports, wish)
  await end(ports, over, { reason: '', kinds: [], bytesIn: 0, bytesOut: 0 })
  const unknown = 'ssh_0123456789abcdef'
  expect(await report(ports, [session, over, unknown])).toEqual([over, unknown])
  revoked = ['dev_1']
  expect(await report(ports, [session])).toEqual([session])
  expect(await report(ports, [])).toEqual([])
})

test('a session that nobody tells of is ended, and one that is told of is not', async () => {
  const { session } = await enter(ports, wish)
  const { session: kept } = await enter(ports, wish)
  time += lostMs
  await report(ports, [kept])
  time += 1
  await endLost(ports)
  expect((await records()).filter(({ action }) => action === 'ssh.end')).toMatchObject([{ requestId: session }])
})
