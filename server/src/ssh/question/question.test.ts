import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listRecords } from '../../audit/list.ts'
import type { Database } from '../../db/open.ts'
import { emptyTables, testDatabase } from '../../db/test-database.ts'
import { deviceWorld } from '../../device/test-world.ts'
import { end, endLost, report } from '../end.ts'
import type { SshPorts } from '../ports.ts'
import { keepGateway } from '../store.ts'
import { ask, type Question } from './ask.ts'
import { decide, findWaiting } from './decide.ts'
import { enterByAnswer } from './enter.ts'
import { takeQuestion } from './store.ts'

let database: Database
let time: number
let machine: { id: string; name: string; profile: string }
let counted: string[]
let woken: string[]
let comesUp: boolean
/** Logins that were made: whose, and whether they stand. */
let logins: Map<string, { account: string; name: string; stands: boolean }>
let ports: SshPorts

const owner = 'acc_ann'
const origin = { address: '192.0.2.1', agent: 'browser', requestId: 'req_1' }

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  await emptyTables(database)
  time = Date.parse('2026-01-01T00:00:00Z')
  ;[counted, woken, comesUp, logins] = [[], [], false, new Map()]
  machine = await deviceWorld(database).machine(owner, { provider: 'docker', endpoint: 'https://m.test' })
  let words = 0
  ports = {
    db: database.db,
    devices: { whoMay: async () => null, revokedAmong: async all => [...all] },
    logins: {
      begin: async (_, { account, name }) => {
        const id = `login_${logins.size}`
        logins.set(id, { account, name, stands: true })
        return id
      },
      end: async (_, account, id) => {
        const login = logins.get(id)
        if (login?.account === account) login.stands = false
      },
      standing: async ids => ids.filter(id => logins.get(id)?.stands),
    },
    asking: {
      count: async address => void counted.push(address),
      words: () => `BLUE-FISH-${words++}`,
      page: 'https://spoq.test/auth/verify',
      seconds: 600,
    },
    prepare: async () => ({ hostKey: 'ssh-ed25519 ONE', user: 'ann' }),
    wakeUp: async id => {
      woken.push(id)
      return comesUp
    },
    sessionsAnAccount: 3,
    now: () => time,
    log: () => {},
  }
  await keepGateway(database.db, { authority: 'ssh-ed25519 CA', hostKey: 'ssh-ed25519 HOST' }, new Date(time))
})

const asking = (more: { name?: string; profile?: string } = {}) =>
  ask(ports, { gateway: 'g', name: machine.name, profile: '', address: '203.0.113.7', ...more })
const say = ({ words }: Question, account = owner, isYes = true) => decide(ports, { account, words, isYes, origin })
const enter = ({ question }: Question, gateway = 'g') => enterByAnswer(ports, { question, gateway })
const over = { code: 'code_expired' }

// Mutant: the words are used up while the machine comes up.
test('a machine that sleeps wakes for who was let in, and the words are good until it is there', async () => {
  const asked = await asking()
  const set = (change: object) => database.db.updateTable('machine').set(change).where('id', '=', machine.id).execute()
  await set({ state: 'suspended' })
  comesUp = true
  expect(await enter(asked)).toBeNull()
  expect(woken).toEqual([])
  await say(asked)
  await expect(enter(asked)).rejects.toMatchObject({ code: 'machine_away' })
  expect(woken).toEqual([machine.id])
  await set({ state: 'running' })
  expect(await enter(asked)).toMatchObject({ machine: machine.id })
  await expect(enter(asked)).rejects.toMatchObject(over)
})

test('the owner sees for which machine and from where, says yes, and one session begins', async () => {
  const asked = await asking()
  expect(asked).toMatchObject({ words: 'BLUE-FISH-0', page: 'https://spoq.test/auth/verify', seconds: 600 })
  expect(await enter(asked)).toBeNull()
  expect(await findWaiting(ports, owner, asked.words)).toEqual({
    ...{ machine: machine.name, profile: null, address: '203.0.113.7', at: time },
  })
  expect(await say(asked)).toBe(true)
  const entry = await enter(asked)
  expect(entry).toMatchObject({ account: owner, machine: machine.id, credential: 'login_0', user: 'ann', mayTty: true })
  expect([...logins.values()]).toEqual([
    { account: owner, name: `SSH to ${machine.name} from 203.0.113.7`, stands: true },
  ])
  const records = (await listRecords(database.db, machine.id)).filter(({ action }) => action.startsWith('ssh.'))
  expect(records).toMatchObject([
    { action: 'ssh.approve', actor: `account:${owner}`, reason: '203.0.113.7' },
    { action: 'ssh.begin', reason: 'question', credential: 'login_0', requestId: entry?.session },
  ])
})

test('an answer is used once, also by two at the same time', async () => {
  const asked = await asking()
  await say(asked)
  const both = await Promise.allSettled([enter(asked), enter(asked)])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await expect(enter(asked)).rejects.toMatchObject(over)
  expect(logins.size).toBe(1)
  expect(await say(asked)).toBe(false)
})

test('nobody but the owner sees or decides anything', async () => {
  const asked = await asking()
  expect(await findWaiting(ports, 'acc_ben', asked.words)).toBeNull()
  expect(await say(asked, 'acc_ben')).toBe(false)
  expect(await enter(asked)).toBeNull()
  expect(await findWaiting(ports, owner, 'BLUE-FISH-9')).toBeNull()
})

test('no machine and no profile of that name is asked about alike, and nobody is ever let in', async () => {
  for (const more of [{ name: 'nobody' }, { profile: 'none' }]) {
    const asked = await asking(more)
    expect(asked).toMatchObject({ words: expect.stringMatching(/^BLUE-FISH-/), seconds: 600 })
    expect(await say(asked)).toBe(false)
    expect(await enter(asked)).toBeNull()
  }
  expect(counted).toEqual(['203.0.113.7', '203.0.113.7'])
})

test('a no is for good', async () => {
  const asked = await asking()
  expect(await say(asked, owner, false)).toBe(true)
  await expect(enter(asked)).rejects.toMatchObject(over)
  expect(await say(asked)).toBe(false)
  await expect(enter(asked)).rejects.toMatchObject(over)
})

test('words are good until their time, and not in that moment; a yes before it does not outlive them', async () => {
  const [asked, late] = [await asking(), await asking()]
  time += 599_999
  expect(await say(asked)).toBe(true)
  time += 1
  expect(await say(late)).toBe(false)
  for (const each of [asked, late]) await expect(enter(each)).rejects.toMatchObject(over)
})

test('who asked and went away is not let in by a yes that comes later, nor is another gateway, nor an invented question', async () => {
  const [asked, gone] = [await asking(), await asking()]
  await takeQuestion(ports.db, gone.question, new Date(time))
  expect(await say(gone)).toBe(false)
  await say(asked)
  await expect(enter(asked, 'another')).rejects.toMatchObject(over)
  await expect(enter({ ...asked, question: 'sshq_00000000000000000000' })).rejects.toMatchObject(over)
  expect(await enter(asked)).toMatchObject({ machine: machine.id })
})

test('a machine that changed hands after the yes lets nobody in', async () => {
  const asked = await asking()
  await say(asked)
  await database.db.updateTable('machine').set({ account_id: 'acc_ben' }).execute()
  await expect(enter(asked)).rejects.toMatchObject(over)
  expect(logins.size).toBe(0)
})

test('a machine that cannot be entered spends no answer', async () => {
  const asked = await asking()
  await say(asked)
  await database.db.updateTable('machine').set({ state: 'suspended' }).execute()
  await expect(enter(asked)).rejects.toMatchObject({ code: 'machine_unreachable' })
  await database.db.updateTable('machine').set({ state: 'running' }).execute()
  expect(await enter(asked)).toMatchObject({ machine: machine.id })
})

test('the session ends with its login, with its profile, and its login with it', async () => {
  const begun = async () => {
    const asked = await asking()
    await say(asked)
    return (await enter(asked))?.session ?? ''
  }
  const [first, second] = [await begun(), await begun()]
  expect(await report(ports, [first, second])).toEqual([])
  const [login] = logins.values()
  if (login) login.stands = false
  expect(await report(ports, [first, second])).toEqual([first])
  await end(ports, second, { reason: 'done', kinds: ['shell'], bytesIn: 1, bytesOut: 1 })
  expect([...logins.values()].map(({ stands }) => stands)).toEqual([false, false])
  const third = await begun()
  await database.db.deleteFrom('profile').execute()
  expect(await report(ports, [third])).toEqual([third])
})

test('old questions are forgotten an hour after their time', async () => {
  await asking()
  const left = () => database.db.selectFrom('ssh_question').selectAll().execute()
  time += 600_000 + 3_600_000
  await endLost(ports)
  expect(await left()).toHaveLength(1)
  time += 1
  await endLost(ports)
  expect(await left()).toEqual([])
})
