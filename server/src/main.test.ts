// The backend as it is started by hand: a real process, a real data folder, a real port.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const entry = join(import.meta.dirname, 'main.ts')
let dataDir: string
const children: ChildProcess[] = []

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'spoq-backend-'))
})
afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  rmSync(dataDir, { recursive: true })
})

function start(env: Record<string, string> = {}, ...args: string[]) {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { PATH: process.env.PATH, HOME: dataDir, SPOQ_DATA_DIR: dataDir, SERVER_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const said = { out: '', err: '' }
  child.stdout.on('data', text => {
    said.out += text
  })
  child.stderr.on('data', text => {
    said.err += text
  })
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...said }))
  const line = Promise.race([once(child.stdout, 'data').then(([text]) => String(text)), ended.then(all => all.err)])
  return { child, ended, line }
}

test('it says one line when it is ready, refuses a second on its folder or port, and ends in good order', async () => {
  const first = start({}, '--json')
  const { server } = JSON.parse(await first.line) as { server: string }
  expect(await (await fetch(`${server}/health`)).json()).toEqual({ status: 'ok' })
  expect(await (await fetch(`${server}/openapi.json`)).json()).toMatchObject({ servers: [{ url: server }] })

  const busy = await start().ended
  expect([busy.status, busy.out]).toEqual([5, ''])
  expect(busy.err).toMatch(
    new RegExp(
      `^${dataDir}/server is in use by process ${first.child.pid}, which answers at ${server}\\.\\n[^\\n]+\\n$`,
    ),
  )

  const other = mkdtempSync(join(tmpdir(), 'spoq-backend-'))
  const taken = await start({ SPOQ_DATA_DIR: other, SERVER_PORT: new URL(server).port }, '--json').ended
  expect(taken.status).toBe(5)
  expect(JSON.parse(taken.out)).toMatchObject({ error: { code: 'port_taken' } })
  rmSync(other, { recursive: true })

  first.child.kill('SIGTERM')
  expect(await first.ended).toMatchObject({ status: 0, err: '' })
})

test('killed, it leaves a folder that the next one starts on', async () => {
  const first = start()
  expect(await first.line).toMatch(/^Ready at http/)
  first.child.kill('SIGKILL')
  await first.ended
  const second = start()
  expect(await second.line).toMatch(/^Ready at http/)
  second.child.kill('SIGINT')
  expect((await second.ended).status).toBe(130)
})

test('killed while it makes its database, it leaves no half-made one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-backend-'))
  const making = start({ SPOQ_DATA_DIR: folder }, '--make-database')
  const server = join(folder, 'server')
  while (!existsSync(server) || !readdirSync(server).some(name => name.startsWith('db.making'))) {
    if (making.child.exitCode !== null) throw new Error('it was too fast')
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  making.child.kill('SIGKILL')
  await making.ended
  expect(existsSync(join(server, 'db'))).toBe(false)
  const next = start({ SPOQ_DATA_DIR: folder })
  expect(await next.line).toMatch(/^Ready at http/)
  expect(readdirSync(server).filter(name => name.startsWith('db.'))).toEqual([])
  next.child.kill('SIGTERM')
  await next.ended
  rmSync(folder, { recursive: true })
})

test('rotate-keys seals all under a new key while no backend runs, and forgets the old one when told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-backend-'))
  const env = { SPOQ_DATA_DIR: folder }
  const none = await start(env, 'rotate-keys', '--json').ended
  expect([none.status, JSON.parse(none.out).error.code]).toEqual([2, 'config_invalid'])
  const backend = start(env)
  await backend.line
  expect((await start(env, 'rotate-keys').ended).status, 'the folder is in use').toBe(5)
  backend.child.kill('SIGTERM')
  await backend.ended
  const kept = await start(env, 'rotate-keys', '--json').ended
  expect(JSON.parse(kept.out)).toEqual({ version: 'local:2', rewrapped: 1, broken: [], forgotten: [] })
  const forgot = await start(env, 'rotate-keys', '--forget-old').ended
  expect(forgot.out).toMatch(/sealed under local:3; 1 were wrapped anew\.\nGone for good: local:1, local:2\.\n/)
  const again = start(env)
  expect(await again.line).toMatch(/^Ready at http/)
  again.child.kill('SIGTERM')
  expect((await again.ended).status).toBe(0)
  expect((await start(env, 'rotate', 'keys').ended).status).toBe(2)
  rmSync(folder, { recursive: true })
})

test('a wrong configuration is two lines and status 2, without a stack', async () => {
  const { status, err, out } = await start({ JWT_SECRET: 'hunter2' }).ended
  expect([status, out]).toEqual([2, ''])
  expect(err).toMatch(/^JWT_SECRET: keys are asymmetric[^\n]*\n[^\n]+\n$/)
})
