import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import * as route from '@spoq/contracts/session'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, readTurn, startMachine, textOf, types } from '../testing/machine.ts'

const none = 'sess_00000000000000000000'

async function machine(options: Parameters<typeof startMachine>[1] = {}) {
  return overLocal((await startMachine(machineFolder(), options)).socket)
}

test('a question is answered, and its session is listed by what was asked', async () => {
  const target = await machine()
  const { session, after, events } = await askAndRead(target, { question: 'count 3\nplease', model: 'demo' })
  expect(after).toBe(0)
  expect(textOf(events)).toBe('[demo: scripted, not AI] 1 2 3')
  expect(types(events).filter(type => type !== 'text.delta')).toEqual([
    'turn.queued',
    'turn.started',
    'step.done',
    'turn.done',
  ])
  const { sessions } = await call(target, route.listSessions)
  expect(sessions).toMatchObject([{ id: session, title: 'count 3', state: 'idle', lastEvent: events.at(-1)?.id }])
})

test('the session used last is listed first, also when it is an old one', async () => {
  let now = 0
  const target = await machine({ now: () => (now += 1000) })
  const first = await askAndRead(target, { question: 'count 1', model: 'demo' })
  const second = await askAndRead(target, { question: 'count 2', model: 'demo' })
  const listed = async (limit?: number) =>
    (await call(target, route.listSessions, limit ? { query: { limit } } : {})).sessions.map(({ id }) => id)
  expect(await listed()).toEqual([second.session, first.session])
  const again = await askAndRead(target, { question: 'count 3', model: 'demo', session: first.session })
  expect(again.after).toBe(first.events.at(-1)?.id)
  expect(await listed()).toEqual([first.session, second.session])
  expect(await listed(1)).toEqual([first.session])
})

test('detached at event 10, a second reader goes on after it to the end: ids contiguous, nothing twice', async () => {
  const target = await machine({ demoPaceMs: 30 })
  const asked = await askAndRead(target, { question: 'count 60', model: 'demo' }, ({ id }) => id === 10)
  expect(asked.events.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  const rest = await readTurn(target, { ...asked, after: 10 })
  expect(rest.map(({ id }) => id)).toEqual(rest.map((_, index) => index + 11))
  const numbers = Array.from({ length: 60 }, (_, index) => ` ${index + 1}`).join('')
  expect(textOf([...asked.events, ...rest])).toBe(`[demo: scripted, not AI]${numbers}`)
  expect(types(rest).at(-1)).toBe('turn.done')
})

test('a stream of a turn that has ended ends, also when nothing is left of it', async () => {
  const target = await machine()
  const { session, turn, events } = await askAndRead(target, { question: 'count 1', model: 'demo' })
  const read = async (after: number) => {
    const ids: number[] = []
    const isLast = () => false
    const following = { params: { session }, query: { turn }, after, isLast, tries: 0 }
    await expect(
      (async () => {
        for await (const { id } of follow(target, route.sessionEvents, following)) ids.push(id)
      })(),
    ).rejects.toMatchObject({ code: 'machine_unreachable' })
    return ids
  }
  const last = events.length
  expect(await read(last - 1)).toEqual([last])
  expect(await read(last)).toEqual([])
  expect(await read(last + 5)).toEqual([])
})

test('attachments go to the model by their text and to readers by their names', async () => {
  const target = await machine()
  const attachments = [{ name: 'notes.txt', text: 'first line\nsecond' }]
  const { events } = await askAndRead(target, { question: 'q', model: 'demo', attachments, approve: ['deny'] })
  expect(events[0]).toMatchObject({ type: 'turn.queued', question: 'q', attachments: ['notes.txt'] })
  expect(textOf(events)).toContain('You attached notes.txt (2 lines); it begins: "first line"')
  expect(textOf(events)).toContain('I could not use run on the machine')
})

test('without any model a question is refused, and nothing is written', async () => {
  const target = await machine()
  const refused = { code: 'no_model', next: expect.stringContaining('--model demo') }
  await expect(call(target, route.ask, { body: { question: 'q' } })).rejects.toMatchObject(refused)
  await expect(call(target, route.ask, { body: { question: 'q', model: 'gpt' } })).rejects.toMatchObject({
    code: 'no_model',
    message: 'No model named "gpt" can be reached.',
  })
  expect((await call(target, route.listSessions)).sessions).toEqual([])
})

test('a question larger than allowed is refused', async () => {
  const target = await machine()
  const attachments = [{ name: 'big', text: 'x'.repeat(route.maxQuestionBytes) }]
  await expect(call(target, route.ask, { body: { question: 'q', model: 'demo', attachments } })).rejects.toMatchObject({
    code: 'too_large',
  })
  const huge = [{ name: 'huge', text: 'x'.repeat(3 * route.maxQuestionBytes) }]
  await expect(
    call(target, route.ask, { body: { question: 'q', model: 'demo', attachments: huge } }),
  ).rejects.toMatchObject({ code: 'too_large' })
})

test('what does not exist is not found', async () => {
  const target = await machine()
  const missing = { code: 'session_not_found' }
  const session = { params: { session: none } }
  await expect(call(target, route.showSession, session)).rejects.toMatchObject(missing)
  await expect(call(target, route.abortTurn, session)).rejects.toMatchObject(missing)
  await expect(
    call(target, route.ask, { body: { question: 'q', model: 'demo', session: none } }),
  ).rejects.toMatchObject(missing)
  const isLast = () => true
  await expect(follow(target, route.sessionEvents, { ...session, isLast }).next()).rejects.toMatchObject(missing)
  const asked = await askAndRead(target, { question: 'count 1', model: 'demo' })
  await expect(
    follow(target, route.sessionEvents, { params: asked, query: { turn: 'turn_other' }, isLast }).next(),
  ).rejects.toMatchObject({ code: 'not_found' })
})
