// What a person decided holds through kill -9: the Conductor as a process of its own.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as tick } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import * as route from '@spoq/contracts/session'
import { socketPath } from '@spoq/kit/socket-path'
import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, readTurn, startMachine, types, useModel } from './testing/machine.ts'
import { kill, startProcess } from './testing/process.ts'

const isRequest = ({ type }: route.SessionEvent) => type === 'approval.requested'

test('an approval pending, the Conductor killed and started again, approved from another client: the tool ran once', async () => {
  const folder = machineFolder()
  const command = { name: 'run', input: { command: 'printf . >> ran' } }
  useModel(folder, await startOpenAi([{ calls: [command] }, { pieces: ['Done.'] }]))
  const child = await startProcess(folder)
  const laptop = overLocal(socketPath(folder, 'local.sock'))
  const asked = await askAndRead(laptop, { question: 'q' }, isRequest)
  await kill(child)

  const again = await startProcess(folder)
  const phone = overLocal(socketPath(folder, 'local.sock'))
  expect(await call(phone, route.showSession, { params: asked })).toMatchObject({ state: 'waiting' })
  const request = asked.events.at(-1)
  const params = { session: asked.session, approval: request?.type === 'approval.requested' ? request.approval : '' }
  await call(phone, route.answerApproval, { params, body: { decision: 'allow' } })
  const events = await readTurn(phone, asked)
  expect(types(events).at(-1)).toBe('turn.done')
  expect(readFileSync(join(folder, 'workspace/ran'), 'utf8')).toBe('.')
  await expect(call(phone, route.answerApproval, { params, body: { decision: 'allow' } })).rejects.toMatchObject({
    code: 'approval_answered',
  })
  await kill(again)
})

const files = 150
const isNew = (text: string) => text === 'new\n'

test('killed in the middle of an undo, each file is as before or as after, and a repeated undo finishes', async () => {
  const folder = machineFolder()
  const names = Array.from({ length: files }, (_, index) => `f${index}`)
  const calls = names.map(path => ({ name: 'edit', input: { path, old: `old ${path}`, new: 'new' } }))
  useModel(folder, await startOpenAi([{ calls }, { pieces: ['Done.'] }]))
  const workspace = join(folder, 'workspace')
  mkdirSync(workspace)
  for (const name of names) writeFileSync(join(workspace, name), `old ${name}\n`)
  const textOf = (name: string) => readFileSync(join(workspace, name), 'utf8')
  const child = await startProcess(folder)
  const target = overLocal(socketPath(folder, 'local.sock'))
  const { session } = await askAndRead(target, { question: 'q', mode: 'auto-edit' })
  expect(names.every(name => isNew(textOf(name)))).toBe(true)

  const undoing = call(target, route.undoEdits, { params: { session }, body: {} }).catch(() => null)
  while (isNew(textOf('f5'))) await tick()
  await kill(child)
  await undoing
  const between = names.map(textOf)
  expect(between.every((text, index) => isNew(text) || text === `old f${index}\n`)).toBe(true)
  expect(between.some(isNew)).toBe(true)

  const again = overLocal((await startMachine(folder)).socket)
  const { done, skipped } = await call(again, route.undoEdits, { params: { session }, body: {} })
  expect(skipped).toEqual([])
  expect(done.filter(({ change }) => change === 'unchanged').length).toBe(between.filter(text => !isNew(text)).length)
  expect(names.map(textOf)).toEqual(names.map(name => `old ${name}\n`))
  expect(
    readdirSync(workspace)
      .filter(name => !name.startsWith('.spoq-'))
      .toSorted(),
  ).toEqual(names.toSorted())
})
