import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, startMachine, textOf, useModel } from '../testing/machine.ts'

test('what a cut answer had said is kept, also for the next question', async () => {
  const folder = machineFolder()
  const standIn = useModel(folder, await startOpenAi([{ pieces: ['Half', ' an'], cut: true }, { pieces: ['Whole.'] }]))
  const target = overLocal((await startMachine(folder)).socket)
  const { session, events } = await askAndRead(target, { question: 'q' })
  expect(textOf(events)).toBe('Half an')
  await askAndRead(target, { question: 'go on', session })
  expect(standIn.asked[1]?.body.messages.slice(1)).toMatchObject([
    { role: 'user', content: 'q' },
    { role: 'assistant', content: 'Half an' },
    { role: 'user', content: 'go on' },
  ])
})

test('a model address where nothing listens is a failed model', async () => {
  const folder = machineFolder()
  const standIn = useModel(folder, await startOpenAi([]))
  await standIn.stop()
  const target = overLocal((await startMachine(folder)).socket)
  const { events } = await askAndRead(target, { question: 'q' })
  expect(events.at(-1)).toMatchObject({ type: 'turn.error', code: 'model_failed' })
})
