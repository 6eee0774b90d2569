import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import * as route from '@spoq/contracts/session'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, startMachine } from '../testing/machine.ts'

test('an export holds every event whole: the texts that were sent and what the model was told', async () => {
  const target = overLocal((await startMachine(machineFolder())).socket)
  const attachments = [{ name: 'notes.txt', text: 'a text of the laptop' }]
  const asked = { question: 'count 600', model: 'demo', attachments, approve: ['deny'] }
  const { session, events } = await askAndRead(target, asked)
  const last = (await call(target, route.showSession, { params: { session } })).lastEvent
  const exported: route.ExportedEvent[] = []
  const following = { params: { session }, isLast: ({ id }: { id: number }) => id === last }
  for await (const event of follow(target, route.exportSession, following)) exported.push(event)
  expect(exported.map(({ id, at, body }) => [id, at, body.type])).toEqual(
    events.map(({ id, at, type }) => [id, at, type]),
  )
  expect(exported[0]?.body).toMatchObject({ question: 'count 600', attachments })
  expect(exported.find(({ body }) => body.type === 'step.done')?.body).toHaveProperty('messages')
})

test('sessions are listed by the beginning of their id', async () => {
  const target = overLocal((await startMachine(machineFolder())).socket)
  const { session } = await call(target, route.ask, { body: { question: 'count 1', model: 'demo' } })
  const listed = async (prefix: string) => (await call(target, route.listSessions, { query: { prefix } })).sessions
  expect(await listed(session.slice(0, 12))).toMatchObject([{ id: session }])
  expect(await listed('sess_zzz')).toEqual([])
  await expect(listed("sess_%' OR 1=1")).rejects.toMatchObject({ code: 'invalid_request' })
})
