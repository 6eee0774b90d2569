// A machine is restarted, its Conductor's own log is read, and the verbs answer to their other names.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Home, startHome } from './home.ts'

let home: Home
beforeAll(async () => {
  home = await startHome()
}, 120_000)
afterAll(() => home.close())

const json = (...args: string[]) => home.json(...args)
const startedAt = async () => (await json('status', '--machine', home.machine.id)).conductor.startedAt

test('a machine that is restarted has a new Conductor at the same address, and its log tells of both', async () => {
  const before = await startedAt()
  const { machine } = await json('machine', 'restart')
  expect(machine).toMatchObject({ state: 'running', endpoint: home.machine.endpoint })
  expect(await startedAt()).not.toBe(before)
  const { stdout } = await home.spoq(['machine', 'logs', '--lines', '1000'])
  const said = stdout.split('\n').filter(line => /(started|stopping)/.test(line))
  expect(said.map(line => line.split(' ')[2])).toEqual(['started', 'stopping', 'started'])
  const lines = (await home.spoq(['machine', 'logs', '--json', '-n', '2'])).stdout.trim().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual([
    expect.objectContaining({ n: expect.any(Number), level: expect.any(String), text: expect.any(String) }),
    expect.objectContaining({ n: expect.any(Number) }),
  ])
  const none = await home.spoq(['machine', 'logs', '--set-up'])
  expect(none).toMatchObject({ status: 0, stdout: expect.stringContaining('needed no set-up') })
}, 120_000)

test('the verbs answer to their other names', async () => {
  expect((await json('machine', 'suspend')).machine).toMatchObject({ state: 'stopped' })
  expect(await home.spoq(['machine', 'restart'])).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('machine start'),
  })
  expect((await json('machine', 'resume')).machine).toMatchObject({ state: 'running' })
  expect((await json('machine', 'backup')).backup).toMatchObject({ state: 'ready' })
  expect(await home.spoq(['machine', 'snapshot'])).toMatchObject({
    status: expect.any(Number),
    stderr: expect.stringContaining('cannot snapshot'),
  })
}, 120_000)
