// A question whose answer was lost is repeated, and must not be asked twice.

import { call } from '@spoq/client/call'
import * as route from '@spoq/contracts/session'
import { expect, test } from 'vitest'
import { machineFolder, overLocal, readTurn, startMachine, types } from '../testing/machine.ts'

const body = { question: 'count 2', model: 'demo' }
const idempotencyKey = 'a-key-of-one-question'

test('a repeated key is answered as before, at the same time, later and after a restart', async () => {
  const folder = machineFolder()
  const first = await startMachine(folder)
  const target = overLocal(first.socket)
  const answers = await Promise.all(Array.from({ length: 5 }, () => call(target, route.ask, { body, idempotencyKey })))
  expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
  const [accepted] = answers
  if (!accepted) throw new Error('it was answered')
  const events = await readTurn(target, accepted)
  expect(types(events).filter(type => type === 'turn.queued')).toHaveLength(1)
  await first.stop()
  const again = overLocal((await startMachine(folder)).socket)
  expect(await call(again, route.ask, { body, idempotencyKey })).toEqual(accepted)
  expect((await call(again, route.listSessions)).sessions).toHaveLength(1)
})

test('the key for another question is refused, another key asks again, and so does none', async () => {
  const target = overLocal((await startMachine(machineFolder())).socket)
  await call(target, route.ask, { body, idempotencyKey })
  const other = { ...body, question: 'count 3' }
  await expect(call(target, route.ask, { body: other, idempotencyKey })).rejects.toMatchObject({
    code: 'idempotency_mismatch',
  })
  await call(target, route.ask, { body, idempotencyKey: 'another-key' })
  await call(target, route.ask, { body })
  expect((await call(target, route.listSessions)).sessions).toHaveLength(3)
})

test('a key that could do harm is refused', async () => {
  const target = overLocal((await startMachine(machineFolder())).socket)
  for (const key of ['short', 'x'.repeat(65), "quote'; --   "])
    await expect(call(target, route.ask, { body, idempotencyKey: key })).rejects.toMatchObject({
      code: 'invalid_request',
    })
})
