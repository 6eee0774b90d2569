import { SpoqError } from '@spoq/contracts/problem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import type { MachineRow } from '../db/tables.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { whereIs } from '../name/where.ts'
import { create } from './create.ts'
import { history } from './history.ts'
import { list } from './list.ts'
import { move } from './move.ts'
import { ownsMachine } from './owner.ts'
import { rename } from './rename.ts'
import { show } from './show.ts'
import { start } from './start.ts'
import { stop } from './stop.ts'
import { findMachine } from './store.ts'
import { terminate } from './terminate.ts'
import { putMachine, type TestPorts, testPorts } from './test-ports.ts'

const alice = { account: 'alice', requestId: 'req_alice' }
const bob = { account: 'bob', requestId: 'req_bob' }
const code = (wanted: string) => expect.objectContaining({ name: SpoqError.name, code: wanted })

let database: Database
let ports: TestPorts
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  ports = testPorts(database)
})
afterAll(() => database.close())

describe('create', () => {
  test('writes the row, its record and a wake-up', async () => {
    const machine = await create(ports, alice, { name: 'build-box' }, undefined)
    expect(machine).toMatchObject({ name: 'build-box', state: 'pending', wanted: 'running', provider: 'local' })
    expect(await show(ports.db, 'alice', machine.id)).toEqual(machine)
    expect(await history(ports.db, 'alice', machine.id)).toEqual([
      expect.objectContaining({
        actor: 'account:alice',
        action: 'machine.create',
        from: null,
        to: 'pending',
        requestId: 'req_alice',
      }),
    ])
    expect(ports.woken).toEqual([machine.id])
  })

  test('when the wake-up cannot be written, nothing is', async () => {
    const failing = create(
      { ...ports, wake: () => Promise.reject(new Error('no queue')) },
      alice,
      { name: 'build-box' },
      undefined,
    )
    await expect(failing).rejects.toThrow('no queue')
    expect(await list(ports.db, 'alice', true)).toEqual([])
    expect(await ports.db.selectFrom('audit_record').selectAll().execute()).toEqual([])
  })

  test('a name of its own comes from the e-mail address, with a number when that is taken', async () => {
    const names = []
    for (let i = 0; i < 3; i++) names.push((await create(ports, alice, {}, undefined)).name)
    expect(names).toEqual(['alice', 'alice-2', 'alice-3'])
  })

  test.each([
    ['Ann.Lee+spoq@example.com', 'ann-lee'],
    ['42@example.com', 'machine'],
    ['root@example.com', 'root-2'],
    [null, 'machine'],
    [`${'x'.repeat(64)}@example.com`, 'x'.repeat(50)],
  ])('after %s it is called %s', async (email, name) => {
    expect((await create({ ...ports, emailOf: async () => email }, alice, {}, undefined)).name).toBe(name)
  })

  test('a name that was asked for is taken as it is or not at all, whosever it is', async () => {
    await create(ports, alice, { name: 'build-box' }, undefined)
    await expect(create(ports, bob, { name: 'build-box' }, undefined)).rejects.toThrow(code('name_taken'))
    await expect(create(ports, bob, { name: 'admin' }, undefined)).rejects.toThrow(code('name_taken'))
    expect(await list(ports.db, 'bob', true)).toEqual([])
  })

  test('the name of a machine that is gone is free again, and the machine stays in the archive', async () => {
    await putMachine(database, { name: 'build-box', state: 'terminated', wanted: 'terminated' })
    const machine = await create(ports, alice, { name: 'build-box' }, undefined)
    expect((await list(ports.db, 'alice', true)).map(({ state }) => state)).toEqual(['pending', 'terminated'])
    expect((await list(ports.db, 'alice', false)).map(({ id }) => id)).toEqual([machine.id])
  })

  test('the name of a machine that ended is free for its account at once, for others in 30 days', async () => {
    const { id } = await create(ports, alice, { name: 'build-box' }, undefined)
    await terminate(ports, alice, id)
    const ending = await findMachine(ports.db, id)
    await ports.db
      .transaction()
      .execute(trx =>
        move(
          trx,
          ending as MachineRow,
          'terminated',
          { actor: 'reconciler', by: 'reconciler', action: 'machine.state' },
          ports.now(),
        ),
      )
    await expect(create(ports, bob, { name: 'build-box' }, undefined)).rejects.toThrow(code('name_taken'))
    expect((await create(ports, alice, { name: 'build-box' }, undefined)).name).toBe('build-box')
  })

  test('a provider that is not offered is refused, and the offered ones are named', async () => {
    await expect(create(ports, alice, { provider: 'hetzner' }, undefined)).rejects.toThrow(
      expect.objectContaining({ code: 'provider_unknown', next: 'It offers: local.' }),
    )
  })

  test('the same request with the same key answers the same machine', async () => {
    const first = await create(ports, alice, { name: 'build-box' }, 'key-12345')
    expect(await create(ports, alice, { name: 'build-box' }, 'key-12345')).toEqual(first)
    expect(await history(ports.db, 'alice', first.id)).toHaveLength(1)
    expect(ports.woken).toEqual([first.id])
  })

  test('another request with the same key is refused; the key of another account is another key', async () => {
    await create(ports, alice, { name: 'build-box' }, 'key-12345')
    await expect(create(ports, alice, { name: 'other-box' }, 'key-12345')).rejects.toThrow(code('idempotency_mismatch'))
    for (const asked of [{}, { name: 'build-box', provider: 'local' }] as const)
      await expect(create(ports, alice, asked, 'key-12345')).rejects.toThrow(code('idempotency_mismatch'))
    expect((await create(ports, bob, { name: 'other-box' }, 'key-12345')).name).toBe('other-box')
  })

  test.each([[{ name: 'build-box' }], [{}]])('ten at once with one key make one: %o', async asked => {
    const made = await Promise.all(Array.from({ length: 10 }, () => create(ports, alice, asked, 'key-12345')))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(await list(ports.db, 'alice', true)).toHaveLength(1)
    expect(ports.woken).toHaveLength(1)
  })

  test('ten at once without a key make ten, each with a name of its own', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => create(ports, alice, {}, undefined)))
    expect(new Set(made.map(({ name }) => name)).size).toBe(10)
  })

  test('a name that very many would have costs a few tries, not as many as there are', async () => {
    for (let number = 1; number <= 30; number++) await create(ports, alice, {}, undefined)
    const names = (await list(ports.db, 'alice', false)).map(({ name }) => name)
    expect(names).toContain('alice-9')
    expect(names.filter(name => /^alice-[0-9a-f]{6}$/.test(name))).toHaveLength(21)
  })
})

describe('rename', () => {
  test('gives another name, says so in the history, and the old one leads to it still', async () => {
    const { id } = await create(ports, alice, { name: 'otter' }, undefined)
    expect((await rename(ports, alice, id, 'mole')).name).toBe('mole')
    expect((await rename(ports, alice, id, 'mole')).name).toBe('mole')
    const renamed = (await history(ports.db, 'alice', id)).filter(({ action }) => action === 'machine.rename')
    expect(renamed).toMatchObject([{ reason: 'otter to mole' }])
    expect(await whereIs(ports.db, 'otter', ports.now())).toBe(id)
    await expect(create(ports, bob, { name: 'otter' }, undefined)).rejects.toThrow(code('name_taken'))
  })

  test('to a name that somebody has, or nobody can have, changes nothing', async () => {
    const { id } = await create(ports, alice, { name: 'otter' }, undefined)
    await create(ports, bob, { name: 'mole' }, undefined)
    for (const name of ['mole', 'www']) await expect(rename(ports, alice, id, name)).rejects.toThrow(code('name_taken'))
    expect(await whereIs(ports.db, 'otter', ports.now())).toBe(id)
    await expect(rename(ports, bob, id, 'vole')).rejects.toThrow(code('machine_not_found'))
  })

  test('of two machines to one name at once: one gets it', async () => {
    const ids = await Promise.all(
      ['otter', 'mole'].map(async name => (await create(ports, alice, { name }, undefined)).id),
    )
    const tried = await Promise.allSettled(ids.map(id => rename(ports, alice, id, 'vole')))
    expect(tried.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('stop and start', () => {
  test('say what is wanted and leave the state to the reconciler', async () => {
    const { id } = await putMachine(database, { state: 'running', attempts: 3, next_attempt_at: new Date(9e12) })
    expect(await stop(ports, alice, id)).toMatchObject({ state: 'running', wanted: 'stopped' })
    expect(await findMachine(ports.db, id)).toMatchObject({ attempts: 0, next_attempt_at: null })
    expect(await start(ports, alice, id)).toMatchObject({ state: 'running', wanted: 'running' })
    expect((await history(ports.db, 'alice', id)).map(({ action, from, to }) => [action, from, to])).toEqual([
      ['machine.stop', null, null],
      ['machine.start', null, null],
    ])
    expect(ports.woken).toEqual([id, id])
  })

  test('repeated, they change nothing more', async () => {
    const { id } = await putMachine(database, { state: 'stopped', wanted: 'stopped' })
    const before = await findMachine(ports.db, id)
    await stop(ports, alice, id)
    expect(await findMachine(ports.db, id)).toEqual(before)
    expect(await history(ports.db, 'alice', id)).toEqual([])
  })

  test('start tries a failed machine again from the beginning', async () => {
    const failed = { state: 'failed', provider_ref: 'r', error_code: 'machine_failed', error_message: 'no' } as const
    const { id } = await putMachine(database, failed)
    expect(await start(ports, alice, id)).toMatchObject({ state: 'pending', wanted: 'running', error: null })
    expect((await findMachine(ports.db, id))?.provider_ref).toBeNull()
    expect(await history(ports.db, 'alice', id)).toEqual([
      expect.objectContaining({ action: 'machine.start', from: 'failed', to: 'pending' }),
    ])
  })

  test.each(['terminating', 'terminated'] as const)('are refused of a machine that is %s', async state => {
    const row = await putMachine(database, { state, wanted: 'terminated' })
    await expect(stop(ports, alice, row.id)).rejects.toThrow(code('machine_state'))
    await expect(start(ports, alice, row.id)).rejects.toThrow(code('machine_state'))
    expect(await findMachine(ports.db, row.id)).toEqual(row)
  })

  test('stop is refused of a machine that has failed', async () => {
    const row = await putMachine(database, { state: 'failed' })
    await expect(stop(ports, alice, row.id)).rejects.toThrow(code('machine_state'))
    expect(await findMachine(ports.db, row.id)).toEqual(row)
  })
})

describe('terminate', () => {
  test.each(['pending', 'provisioning', 'running', 'stopped', 'suspended', 'failed'] as const)(
    'begins the end of a machine that is %s',
    async state => {
      const { id } = await putMachine(database, { state, attempts: 5, next_attempt_at: new Date(9e12) })
      expect(await terminate(ports, alice, id)).toMatchObject({ state: 'terminating', wanted: 'terminated' })
      expect(await findMachine(ports.db, id)).toMatchObject({ attempts: 0, next_attempt_at: null })
      expect(await history(ports.db, 'alice', id)).toEqual([
        expect.objectContaining({ action: 'machine.terminate', from: state, to: 'terminating' }),
      ])
      expect(ports.woken).toEqual([id])
    },
  )

  test('repeated, it changes nothing more', async () => {
    const { id } = await putMachine(database, { state: 'running' })
    const first = await terminate(ports, alice, id)
    expect(await terminate(ports, alice, id)).toEqual(first)
    expect(await history(ports.db, 'alice', id)).toHaveLength(1)
  })
})

test("somebody else's machine is not there, for any verb", async () => {
  const row = await putMachine(database, { state: 'running' })
  const verbs = [
    () => show(ports.db, 'bob', row.id),
    () => history(ports.db, 'bob', row.id),
    () => stop(ports, bob, row.id),
    () => start(ports, bob, row.id),
    () => terminate(ports, bob, row.id),
  ]
  for (const verb of verbs) await expect(verb()).rejects.toThrow(code('machine_not_found'))
  expect(await list(ports.db, 'bob', true)).toEqual([])
  expect(await ownsMachine(ports.db, 'bob', row.id)).toBe(false)
  expect(await findMachine(ports.db, row.id)).toEqual(row)
})

test('a token may be for a machine until that is gone', async () => {
  const { id } = await putMachine(database, { state: 'terminating' })
  expect(await ownsMachine(ports.db, 'alice', id)).toBe(true)
  await database.db.updateTable('machine').set({ state: 'terminated' }).where('id', '=', id).execute()
  expect(await ownsMachine(ports.db, 'alice', id)).toBe(false)
})

test('a machine that costs somebody money needs a verified address', async () => {
  const fleet = { ...testPorts(database), providers: new Map([['local', { capabilities: {} } as never]]) } as TestPorts
  await expect(create(fleet, alice, {}, undefined)).rejects.toMatchObject({ code: 'email_unverified' })
  expect(await create({ ...fleet, isVerified: async () => true }, alice, {}, undefined)).toMatchObject({
    state: 'pending',
  })
})
