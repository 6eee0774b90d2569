// A Conductor as a user that no table of this computer knows, as containers start them. Needs root, to become one.

import { chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { socketPath } from '@spoq/kit/socket-path'
import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, useModel } from './testing/machine.ts'
import { startProcess } from './testing/process.ts'

const nameless = 54_321

test('without an entry and without HOME its tools are called, and the guard still knows what never to remove', async context => {
  if (process.getuid?.() !== 0) {
    if (process.env.CI === 'true') throw new Error('needs root')
    console.log('skipped: only root can become another user')
    return context.skip()
  }
  const folder = machineFolder()
  const calls = [
    { id: 'a', name: 'read', input: { path: 'notes.txt' } },
    { id: 'b', name: 'run', input: { command: 'rm -rf ~' } },
  ]
  useModel(folder, await startOpenAi([{ calls }, { pieces: ['Done.'] }]))
  mkdirSync(join(folder, 'workspace'))
  writeFileSync(join(folder, 'workspace/notes.txt'), 'remember')
  for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    chownSync(join(folder, name), nameless, nameless)
  const { PATH } = process.env
  await startProcess(folder, { uid: nameless, gid: nameless, env: { PATH } })
  const target = overLocal(socketPath(folder, 'local.sock'))
  const { events } = await askAndRead(target, { question: 'q', mode: 'full' })
  const results = events.filter(({ type }) => type === 'tool.result')
  expect(results).toMatchObject([{ output: expect.stringContaining('remember'), failed: false }, { failed: true }])
  expect(events.at(-1)).toMatchObject({ type: 'turn.done' })
})
