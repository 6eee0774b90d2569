import { planNames } from '@spoq/contracts/plan'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { create } from '../machine/create.ts'
import { putMachine, type TestPorts, testPorts } from '../machine/test-ports.ts'
import { plans } from '../plan/table.ts'
import { add } from './add.ts'
import { list } from './list.ts'
import type { Caller, ProfilePorts } from './ports.ts'
import { remove } from './remove.ts'
import { set } from './set.ts'

let database: Database
let ports: TestPorts & ProfilePorts
let plan = plans.enterprise
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  plan = plans.enterprise
  ports = { ...testPorts(database), planOf: async () => plan, removed: async () => {} }
})
afterAll(() => database.close())

const caller = (account: string): Caller => ({
  account,
  from: { address: '192.0.2.7', agent: 'test', requestId: 'req_test' },
})
const asked = (machine: string, name = 'work') => ({ machine, name, mayForward: false, mayTty: true })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    error => error.code,
  )
const namesOf = async (account: string) => (await list(ports.db, account)).map(({ name }) => name)

describe('each machine has its default profile', () => {
  test('once it is made', async () => {
    const made = await create(ports, { account: 'alice', requestId: 'req_1' }, { name: 'otter' }, undefined)
    expect(await list(ports.db, 'alice')).toMatchObject([
      { machine: made.id, machineName: 'otter', name: 'spoq', isDefault: true, mayForward: false, mayTty: true },
    ])
  })

  test('once one that was made ahead is somebody’s, and not before', async () => {
    const { id } = await putMachine(database, { account_id: null })
    expect(await ports.db.selectFrom('profile').selectAll().execute()).toEqual([])
    for (let times = 0; times < 2; times++)
      await ports.db
        .updateTable('machine')
        .set({ account_id: 'bob' } as never)
        .where('id', '=', id)
        .execute()
    expect(await list(ports.db, 'bob')).toMatchObject([{ machine: id, isDefault: true }])
  })
})

test('a profile is added, told to its machine and recorded; a second of its name is refused', async () => {
  const [otter, mole] = [await putMachine(database), await putMachine(database)]
  const work = await add(ports, caller('alice'), asked(otter.id))
  expect(work).toMatchObject({ machine: otter.id, name: 'work', isDefault: false })
  expect(await codeOf(add(ports, caller('alice'), asked(otter.id)))).toBe('profile_taken')
  expect(await codeOf(add(ports, caller('alice'), asked(mole.id)))).toBe('ok')
  expect(ports.woken).toEqual([otter.id, mole.id])
  expect((await listRecords(ports.db, work.id)).map(({ action }) => action)).toEqual(['profile.add'])
})

test.each(['spoq', 'root', 'nobody', 'systemd-network', 'spoq-tools'])('nobody has the name %s', async name => {
  const { id } = await putMachine(database)
  expect(await codeOf(add(ports, caller('alice'), asked(id, name)))).toBe('profile_taken')
  expect(await namesOf('alice')).toEqual(['spoq'])
})

test.each(planNames.filter(name => plans[name].limits.profiles !== null))('%s: profiles a machine', async name => {
  plan = plans[name]
  const most = plans[name].limits.profiles ?? 0
  const { id } = await putMachine(database)
  const codes: string[] = []
  for (let n = 0; n < most; n++) codes.push(await codeOf(add(ports, caller('alice'), asked(id, `work-${n}`))))
  expect(codes).toEqual([...Array(most - 1).fill('ok'), 'plan_limit'])
  expect(await namesOf('alice')).toHaveLength(most)
})

test('what may be done by a profile is changed; what is not said stays', async () => {
  const { id } = await putMachine(database)
  const work = await add(ports, caller('alice'), asked(id))
  expect(await set(ports, caller('alice'), work.id, { mayForward: true })).toMatchObject({
    mayForward: true,
    mayTty: true,
  })
  expect(await set(ports, caller('alice'), work.id, { mayTty: false })).toMatchObject({
    mayForward: true,
    mayTty: false,
  })
})

test('another account’s machine and profiles are not there', async () => {
  const { id } = await putMachine(database)
  const [own] = await list(ports.db, 'alice')
  const mallory = caller('mallory')
  expect(await codeOf(add(ports, mallory, asked(id)))).toBe('machine_not_found')
  expect(await codeOf(set(ports, mallory, own?.id ?? '', { mayForward: true }))).toBe('profile_not_found')
  expect(await codeOf(remove(ports, mallory, own?.id ?? ''))).toBe('profile_not_found')
  expect(await list(ports.db, 'mallory')).toEqual([])
})

test('a profile is removed, the default one is not, and none is added to a machine that ends', async () => {
  const { id } = await putMachine(database)
  const work = await add(ports, caller('alice'), asked(id))
  await remove(ports, caller('alice'), work.id)
  const [own] = await list(ports.db, 'alice')
  expect(await namesOf('alice')).toEqual(['spoq'])
  expect(await codeOf(remove(ports, caller('alice'), own?.id ?? ''))).toBe('profile_default')
  await ports.db.updateTable('machine').set({ state: 'terminating' }).where('id', '=', id).execute()
  expect(await codeOf(add(ports, caller('alice'), asked(id)))).toBe('machine_state')
  expect(await namesOf('alice')).toEqual([])
})
