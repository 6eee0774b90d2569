import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import * as route from '@spoq/contracts/session'
import { type Reply, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, readTurn, startMachine, types, useModel } from '../testing/machine.ts'

const lookThenDone: Reply[] = [
  { calls: [{ name: 'client_read', input: { path: 'README.md' } }] },
  { pieces: ['Read.'] },
]

/** The laptop is asked for its AGENTS.md first, and has none. */
async function instructionsAreMissing(target: Target, events: readonly route.SessionEvent[]) {
  const first = events.at(-1)
  if (first?.type !== 'client.request') throw new Error('nothing was requested')
  expect(first).toMatchObject({ tool: 'read', input: { path: 'AGENTS.md' } })
  const params = { session: first.session, request: first.request }
  await call(target, route.answerClientRequest, { params, body: { output: 'AGENTS.md does not exist', failed: true } })
}

test('the laptop is asked by an event, and its answer goes to the model', async () => {
  const folder = machineFolder()
  const standIn = useModel(folder, await startOpenAi(lookThenDone))
  const target = overLocal((await startMachine(folder)).socket)
  const client = { directory: '/home/alice/project' }
  const isRequest = ({ type }: route.SessionEvent) => type === 'client.request'
  const asked = await askAndRead(target, { question: 'q', client }, isRequest)
  await instructionsAreMissing(target, asked.events)
  const request = (await readTurn(target, { ...asked, after: asked.events.length }, isRequest)).at(-1)
  if (request?.type !== 'client.request') throw new Error('nothing was requested')
  expect(request).toMatchObject({ tool: 'read', input: { path: 'README.md' } })
  const answer = (output: string) =>
    call(target, route.answerClientRequest, {
      params: { session: asked.session, request: request.request },
      body: { output, failed: false },
    })
  await answer('# Spoq')
  await readTurn(target, asked)
  expect(standIn.asked[1]?.body.messages.at(-1)).toMatchObject({ role: 'tool', content: '# Spoq' })
  expect(standIn.asked[0]?.body.messages[0]?.content).toContain('/home/alice/project')
  await expect(answer('again')).rejects.toMatchObject({ code: 'request_not_found' })
})

test('a laptop that is away is told to the model, and answers too late', async () => {
  const folder = machineFolder()
  const standIn = useModel(folder, await startOpenAi(lookThenDone))
  const target = overLocal((await startMachine(folder, { clientPatienceMs: 20 })).socket)
  const asked = await askAndRead(target, { question: 'q', client: { directory: '/home/alice' } })
  expect(types(asked.events).at(-1)).toBe('turn.done')
  expect(standIn.asked[1]?.body.messages.at(-1)).toMatchObject({ content: expect.stringContaining('client_away') })
  const request = asked.events.find(event => event.type === 'client.request')
  const params = { session: asked.session, request: request?.request ?? '' }
  await expect(
    call(target, route.answerClientRequest, { params, body: { output: 'late', failed: false } }),
  ).rejects.toMatchObject({ code: 'request_not_found' })
})

test('a question that offers no laptop has no such tools', async () => {
  const folder = machineFolder()
  const standIn = useModel(folder, await startOpenAi([{ pieces: ['Hi.'] }]))
  const target = overLocal((await startMachine(folder, { clientPatienceMs: 20 })).socket)
  await askAndRead(target, { question: 'q' })
  await askAndRead(target, { question: 'q', client: { directory: '/home/alice' } })
  const names = standIn.asked.map(({ body }) => body.tools?.map(one => one.function.name))
  expect(names[0]).toEqual(['read', 'glob', 'grep', 'edit', 'run'])
  expect(names[1]).toEqual(expect.arrayContaining(['client_read', 'client_glob', 'client_grep', 'run']))
})
