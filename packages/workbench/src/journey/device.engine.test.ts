// A person in front of a terminal: `spoq init` asks for this computer's key, and keys of a handle are chosen from a list.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyOfLine, keyPairOf } from '@spoq/kit/ssh-key'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bin, type Home, root, startHome } from './home.ts'
import { hasTmux, type Pane, startTerminals, type Terminals } from './pane.ts'

const isMissing = !hasTmux()
if (isMissing) console.log('skipped: there is no tmux here')
const onTerminal = test.skipIf(isMissing && !process.env.CI)

let home: Home
let folder: string
let handles: Server
let terminals: Terminals
let pane: Pane
const key = (n: number) => keyPairOf(Buffer.alloc(32, n), 'somebody').public
const fingerprint = (n: number) => keyOfLine(key(n)).fingerprint

beforeAll(async () => {
  if (isMissing) return
  folder = mkdtempSync(join(tmpdir(), 'spoq-person-'))
  handles = createServer((_, response) =>
    response.setHeader('content-type', 'text/plain').end(`${key(1)}\n${key(2)}\n`),
  )
  await new Promise<void>(resolve => handles.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(handles.address() as AddressInfo).port}`
  home = await startHome({ environment: { HOME: folder, SSHID_URL: url } })
  // So that init does not ask for a model as well.
  await home.spoq(['model', 'use', 'demo'])
  terminals = startTerminals()
  const env = { ...home.environment, TERM: 'xterm-256color', LANG: 'C.UTF-8' }
  pane = await terminals.open({ columns: 160, rows: 40, env, directory: root })
}, 120_000)
afterAll(async () => {
  if (isMissing) return
  terminals.close()
  await home.close()
  handles.close()
  rmSync(folder, { recursive: true, force: true })
})

const spoq = (words: string) => pane.type(`'${process.execPath}' '${bin}' ${words}\n`)
const keys = async () => (await home.json('device', 'list')).devices as { fingerprint: string; login: string | null }[]

onTerminal('init asks before it makes a key; said no, nothing is there, said yes, it may sign in', async () => {
  for (const [answer, says] of [
    ['n', 'device add --new'],
    ['', 'may sign in over SSH.'],
  ]) {
    await pane.type('clear\n')
    await spoq('init')
    await pane.shows('This computer has no SSH key')
    expect(existsSync(join(folder, '.ssh'))).toBe(false)
    await pane.type(`${answer}\n`)
    await pane.shows(String(says))
    await pane.shows('Ready.')
  }
  expect(readdirSync(join(folder, '.ssh')).sort()).toEqual(['id_ed25519', 'id_ed25519.pub'])
  expect(await keys()).toMatchObject([{ login: expect.stringContaining('login_') }])
  await pane.type('clear\n')
  await spoq('init')
  await pane.shows(/Its key .* may sign in over SSH/)
})

onTerminal('of the keys of a handle those are added that were ticked, and none when none was', async () => {
  await pane.type('clear\n')
  await spoq('device add --sshid oaftobark')
  await pane.shows('Which keys may sign in?')
  await pane.press('Enter')
  await pane.shows('nothing was added')
  await pane.type('clear\n')
  await spoq('device add --sshid oaftobark')
  await pane.shows('Which keys may sign in?')
  await pane.press('Down', 'Space', 'Enter')
  await pane.shows('may sign in to')
  const added = (await keys()).map(one => one.fingerprint)
  expect(added).toContain(fingerprint(2))
  expect(added).not.toContain(fingerprint(1))
})
