// J4: what a script meets that has no terminal at all. That a token and a job's own trade open the way is in j4-ci.test.ts.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ci, startCi } from './ci.ts'

let ci: Ci
beforeAll(async () => {
  ci = await startCi()
}, 120_000)
afterAll(() => ci?.[Symbol.asyncDispose]())

interface Line {
  type?: string
  session?: string
  output?: string
  failed?: boolean
  error?: { code: string; message: string; next: string }
}
const lines = ({ stdout }: { stdout: string }) =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Line)
const result = (ran: { stdout: string }) => lines(ran).find(({ type }) => type === 'tool.result')

test('a command on the machine ends as it ended there', async () => {
  expect(await ci.run('run')).toEqual({ status: 0, stdout: '3 passed\n', stderr: '' })
  expect(await ci.run('fails')).toEqual({ status: 2, stdout: '', stderr: '2 failed\n' })
})

test('an answer is events, a line each, to the last', async () => {
  const ran = await ci.run('asks')
  expect({ status: ran.status, stderr: ran.stderr, last: lines(ran).at(-1)?.type }).toEqual({
    ...{ status: 0, stderr: '', last: 'turn.done' },
  })
})

test('a turn that needs an approval waits on the machine, and the script ends with 7 and the session', async () => {
  const ran = await ci.run('waits')
  const { session = '' } = lines(ran)[0] ?? {}
  expect(ran).toMatchObject({ status: 7, stderr: '' })
  expect(lines(ran).at(-1)?.error).toMatchObject({
    code: 'approval_needed',
    message: expect.stringContaining(session),
    next: expect.stringContaining('--approve'),
  })
  const waits = async () => lines(await ci.home.spoq(['session', 'show', session, '--json'])).at(-1)?.type
  expect(await waits()).toBe('approval.requested')

  expect(lines(await ci.run('tooLate', session)).at(-1)?.error?.code).toBe('usage')
  expect(await waits()).toBe('approval.requested')
  const refused = await ci.run('refuses', session)
  expect(refused.status).toBe(0)
  expect(result(refused)).toMatchObject({ failed: true })
})

test('what was decided beforehand is not asked: refused, allowed by a rule, and asked where the rule is another', async () => {
  const denied = await ci.run('denies')
  expect([denied.status, result(denied)?.failed]).toEqual([0, true])
  const allowed = await ci.run('allows')
  expect([allowed.status, result(allowed)]).toMatchObject([0, { failed: false, output: '[exit status 0]' }])
  expect((await ci.run('other')).status).toBe(7)
})

test('nobody is asked: what would be asked is named as a flag', async () => {
  const ended = await ci.run('ends')
  expect(ended).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Say it with --yes.') })
  expect(await ci.run('chats')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('spoq ask') })
})
