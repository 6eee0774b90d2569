import type { PushedProfile } from '@spoq/contracts/access'
import type { MessageLimits } from '@spoq/contracts/message'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import type { MachineRow } from '../db/tables.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { putMachine } from '../machine/test-ports.ts'
import type { Revoked } from './content.ts'
import { type FakeConductor, fakeConductor } from './fake-conductor.ts'
import { type MachineAccess, machineAccess } from './tell.ts'

const endpoint = 'http://127.0.0.1/r1'
const until = '2026-11-21T11:00:00.000Z'
const keyOf = (version: string) => ({ vendor: 'openai' as const, url: 'https://a.example', key: `sk-${version}` })
const login = (n: number) => `login_${String(n).padStart(20, '0')}`
const ended = (n: number) => ({ credential: login(n), until })
/** As a machine is told it. */
const told = (...of: number[]) => of.map(n => ({ login: login(n), until }))

let database: Database
let time: number
let revoked: Map<string, Revoked>
let keys: Map<string, string[]>
let profiles: Map<string, PushedProfile[]>
/** The key service does not answer. */
let sealed: boolean
let limits: Map<string, MessageLimits>
let conductor: FakeConductor
let access: MachineAccess

beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  time = 1_000_000
  revoked = new Map()
  keys = new Map()
  profiles = new Map()
  sealed = false
  limits = new Map()
  conductor = fakeConductor()
  access = over(conductor)
})
afterAll(() => database.close())

const over = (to: FakeConductor) =>
  machineAccess({
    db: database.db,
    revokedBy: async accounts => new Map([...revoked].filter(([account]) => accounts.includes(account))),
    profilesOf: async machines => new Map([...profiles].filter(([machine]) => machines.includes(machine))),
    modelKeys: {
      versionsOf: async accounts => new Map([...keys].filter(([account]) => accounts.includes(account))),
      openOf: async account => {
        const versions = keys.get(account) ?? []
        return sealed ? { versions: [], keys: null } : { versions, keys: versions.map(keyOf) }
      },
    },
    messages: async rows =>
      new Map(rows.flatMap(({ id }) => (limits.has(id) ? [[id, limits.get(id) as MessageLimits]] : []))),
    send: (...sent) => to.send(...sent),
    tokenFor: async machine => `token for ${machine}`,
    now: () => time,
  })
const look = async (row: MachineRow) => (await access.look([row])).get(row.id)

test('a machine is told its members and what ended of its own account, and then knows it', async () => {
  const row = await putMachine(database)
  revoked.set('alice', [ended(1)]).set('bob', [ended(2)])
  expect(await look(row)).toEqual({ told: false, notBefore: null })
  await access.tell(row, endpoint)
  const held = { members: ['alice'], profiles: [], revoked: told(1), revokedTokens: [], modelKeys: [] }
  expect(conductor.held).toEqual({ number: 1, ...held })
  expect(conductor.tokens).toEqual([`token for ${row.id}`])
  expect(await look(row)).toEqual({ told: true, notBefore: null })

  revoked.set('bob', [])
  expect(await look(row)).toMatchObject({ told: true })
  revoked.set('alice', [ended(1), ended(3)])
  expect(await look(row)).toMatchObject({ told: false })
  await access.tell(row, endpoint)
  expect(conductor.held).toMatchObject({ number: 2, revoked: told(1, 3) })
})

test('who may come in is told, and what changes of that makes it told anew', async () => {
  const row = await putMachine(database)
  const spoq = {
    name: 'spoq',
    isDefault: true,
    mayForward: false,
    mayTty: true,
    keys: [] as string[],
  }
  const changes = [
    spoq,
    { ...spoq, keys: ['ssh-ed25519 AAAA'] },
    { ...spoq, mayForward: true },
    { ...spoq, mayTty: false },
  ]
  for (const changed of changes) {
    profiles.set(row.id, [changed])
    expect(await look(row)).toMatchObject({ told: false })
    await access.tell(row, endpoint)
    expect(conductor.held).toMatchObject({ profiles: [changed] })
    expect(await look(row)).toMatchObject({ told: true })
  }
})

test('tokens and trusts that ended are told beside the logins, and make it told anew', async () => {
  const row = await putMachine(database)
  await access.tell(row, endpoint)
  const others = ['token_00000000000000000001', 'trust_00000000000000000001'].map(credential => ({ credential, until }))
  for (const n of [1, 2]) {
    revoked.set('alice', [ended(1), ...others.slice(0, n)])
    expect(await look(row)).toMatchObject({ told: false })
    await access.tell(row, endpoint)
    expect(conductor.held).toMatchObject({ revoked: told(1), revokedTokens: others.slice(0, n) })
  }
  expect(await look(row)).toMatchObject({ told: true })
})

test('how many messages it may accept is told, and anew when that changes; not for what it counted itself', async () => {
  const row = await putMachine(database)
  await access.tell(row, endpoint)
  const given = (most: number, here: number, elsewhere = 0) => ({
    ...{ plan: 'Free', month: '2026-11', onCredit: null },
    all: { most, here, elsewhere, next: 'Buy more.' },
  })
  limits.set(row.id, given(100, 0))
  expect(await look(row)).toMatchObject({ told: false })
  await access.tell(row, endpoint)
  expect(conductor.held?.messages).toEqual(given(100, 0))
  limits.set(row.id, given(100, 7))
  expect(await look(row)).toMatchObject({ told: true })
  for (const changed of [given(100, 7, 1), given(200, 7, 1), { ...given(200, 0), month: '2026-12' }]) {
    limits.set(row.id, changed)
    expect(await look(row)).toMatchObject({ told: false })
    await access.tell(row, endpoint)
    expect(conductor.held?.messages).toEqual(changed)
  }
  limits.clear()
  expect(await look(row)).toMatchObject({ told: false })
  await access.tell(row, endpoint)
  expect(conductor.held).not.toHaveProperty('messages')
})

test('one that does not answer is tried again with growing pauses, then at once again', async () => {
  const row = await putMachine(database)
  conductor.fault = () => 'before'
  for (const pause of [1_000, 2_000, 4_000]) {
    await expect(access.tell(row, endpoint)).rejects.toMatchObject({ code: 'machine_unreachable' })
    expect(await look(row)).toEqual({ told: false, notBefore: time + pause })
  }
  conductor.fault = () => undefined
  await access.tell(row, endpoint)
  expect(await look(row)).toEqual({ told: true, notBefore: null })
  conductor.fault = () => 'before'
  await access.tell(row, endpoint).catch(() => {})
  expect(await look(row)).toMatchObject({ notBefore: time + 1_000 })
})

test('a machine that goes by a higher number than the rows know is told what is so now all the same', async () => {
  const row = await putMachine(database)
  revoked.set('alice', [ended(1)])
  conductor.held = { number: 40, members: ['mallory'], revoked: [], revokedTokens: [] }
  await access.tell(row, endpoint)
  const held = { members: ['alice'], profiles: [], revoked: told(1), revokedTokens: [], modelKeys: [] }
  expect(conductor.held).toEqual({ number: 41, ...held })
  expect(await look(row)).toMatchObject({ told: true })
})

test('what ends while a message is on its way is told after it', async () => {
  const row = await putMachine(database)
  conductor.meanwhile = async () => void revoked.set('alice', [ended(9)])
  await access.tell(row, endpoint)
  conductor.meanwhile = async () => {}
  expect(await look(row)).toMatchObject({ told: false })
  await access.tell(row, endpoint)
  expect(conductor.held).toMatchObject({ revoked: told(9) })
})

test("the account's keys go to its machines when one of them is another, and to no rented box", async () => {
  const rows = [await putMachine(database), await putMachine(database, { provider: 'host' })] as const
  keys.set('alice', ['secret_1']).set('bob', ['secret_2'])
  for (const [row, expected] of [[rows[0], [keyOf('secret_1')]] as const, [rows[1], []] as const]) {
    conductor = fakeConductor()
    access = over(conductor)
    await access.tell(row, endpoint)
    expect(conductor.held?.modelKeys).toEqual(expected)
  }
  keys.set('bob', [])
  expect((await access.look(rows)).get(rows[0].id)).toMatchObject({ told: true })
  keys.set('alice', ['secret_3'])
  expect([...(await access.look(rows)).values()].map(({ told }) => told)).toEqual([false, true])
  await access.tell(rows[0], endpoint)
  expect(conductor.held?.modelKeys).toEqual([keyOf('secret_3')])
  keys.delete('alice')
  await access.tell(rows[0], endpoint)
  expect(conductor.held?.modelKeys).toEqual([])
})

// Mutants: wait for the keys before anything is told; take what was told without keys for all of it.
test('while the key service is away a machine is told whom to refuse, and its keys stay; they follow', async () => {
  const row = await putMachine(database)
  keys.set('alice', ['secret_1'])
  await access.tell(row, endpoint)
  sealed = true
  keys.set('alice', ['secret_2'])
  revoked.set('alice', [ended(1)])
  await access.tell(row, endpoint)
  expect(conductor.held).toMatchObject({ number: 2, revoked: told(1), modelKeys: [keyOf('secret_1')] })
  expect(await look(row)).toEqual({ told: false, notBefore: time + 1_000 })
  await access.tell(row, endpoint)
  expect(await look(row)).toEqual({ told: false, notBefore: time + 2_000 })
  sealed = false
  await access.tell(row, endpoint)
  expect(conductor.held).toMatchObject({ number: 4, modelKeys: [keyOf('secret_2')] })
  expect(await look(row)).toEqual({ told: true, notBefore: null })
})

test('many machines are looked at together, each by its own account', async () => {
  const rows = [await putMachine(database), await putMachine(database, { account_id: 'bob' })] as const
  revoked.set('bob', [ended(1)])
  for (const row of rows) {
    conductor = fakeConductor()
    access = over(conductor)
    await access.tell(row, endpoint)
    expect(conductor.held).toMatchObject({ members: [row.account_id], revoked: row === rows[1] ? told(1) : [] })
  }
  expect([...(await access.look(rows)).values()].map(({ told }) => told)).toEqual([true, true])
})

const event = fc.record({
  ends: fc.boolean(),
  /** The account's key is replaced. */
  sets: fc.boolean(),
  /** The key service is away. */
  away: fc.boolean(),
  fault: fc.constantFrom('before' as const, 'after' as const, undefined),
  /** Another backend tells while the message of this one is on its way. */
  overtaken: fc.boolean(),
})

// Mutants: the content read before the number is taken; the hash acknowledged whatever the number is by then.
test('whatever is lost, doubled or overtaken: what it says it knows, it knows, and in the end it knows all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 6 }), async events => {
      revoked = new Map([['alice', []]])
      conductor = fakeConductor()
      access = over(conductor)
      const row = await putMachine(database)
      const now = () => revoked.get('alice') ?? []
      const toldNow = () => now().map(({ credential, until }) => ({ login: credential, until }))
      keys = new Map()
      let seen = 0
      let highest = 0
      for (const { ends, sets, away, fault, overtaken } of events) {
        sealed = away
        if (sets) keys.set('alice', [`secret_${++seen}`])
        if (ends) revoked.set('alice', [...now(), ended(++seen)])
        let first = true
        conductor.fault = () => (first ? fault : undefined)
        conductor.meanwhile = async () => {
          if (!first) return
          first = false
          if (!overtaken) return
          revoked.set('alice', [...now(), ended(++seen)])
          await access.tell(row, endpoint)
        }
        await access.tell(row, endpoint).catch(() => {})
        if ((await look(row))?.told)
          expect(conductor.held).toMatchObject({ revoked: toldNow(), modelKeys: (keys.get('alice') ?? []).map(keyOf) })
        expect(conductor.held?.number ?? 0).toBeGreaterThanOrEqual(highest)
        highest = conductor.held?.number ?? 0
      }
      conductor.fault = () => undefined
      conductor.meanwhile = async () => {}
      sealed = false
      if (!(await look(row))?.told) await access.tell(row, endpoint)
      expect(conductor.held).toMatchObject({ members: ['alice'], revoked: toldNow() })
      expect(conductor.held?.modelKeys).toEqual((keys.get('alice') ?? []).map(keyOf))
    }),
    { numRuns: 100 },
  )
})
