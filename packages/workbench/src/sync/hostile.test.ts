// Hostile peers against the real Conductor, and hostile machines against the CLI's sync. Beside each folder stands a canary:
// it is the same afterwards, to the last byte.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { syncOnce } from '@spoq/cli/sync/sync'
import { folderAt, syncing } from '@spoq/cli/sync/testing'
import { download } from '@spoq/client/bytes'
import { overSocket } from '@spoq/client/socket'
import type { Target } from '@spoq/client/target'
import { syncFolder } from '@spoq/contracts/sync'
import { frame, frames } from '@spoq/kit/sync'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startMachine, type TestMachine } from '../stand-ins/machine.ts'
import { answers, contents, end, entries, file, requests, streams } from './hostile-peers.ts'
import { treeOf } from './tree.ts'

const exchange = frame({ type: 'exchange', include: [] })
const put = (entry: object) => ({ kind: 'put', entry, was: null })

describe('a hostile client, and the machine', () => {
  let machine: TestMachine
  let app: string

  beforeAll(async () => {
    machine = await startMachine()
    app = join(machine.workspace, 'app')
  })
  afterAll(() => machine.stop())
  beforeEach(() => {
    rmSync(app, { recursive: true, force: true })
    mkdirSync(join(app, 'sub'), { recursive: true })
    mkdirSync(join(machine.workspace, 'canary'), { recursive: true })
    writeFileSync(join(machine.workspace, 'canary', 'kept'), 'as it was')
  })

  const canary = () => treeOf(machine.workspace, path => path === 'app' || path.startsWith('app/'))

  async function send(...sent: Buffer[]): Promise<object[]> {
    const heads: object[] = []
    const bytes = Buffer.concat(sent)
    for await (const { head } of frames(download(machine.target, syncFolder, { query: { folder: 'app' }, bytes })))
      heads.push(head as object)
    return heads
  }

  const all = {
    ...Object.fromEntries(
      Object.entries(entries).map(([name, { entry, why }]) => [
        name,
        { sends: [frame({ type: 'do', actions: [put(entry)] }), end], why },
      ]),
    ),
    ...streams,
    ...Object.fromEntries(
      Object.entries(contents).map(([name, { sends, why }]) => [
        name,
        { sends: [frame({ type: 'do', actions: [put(file('f', 'good'))] }), ...sends], why },
      ]),
    ),
    ...requests,
  }

  test.each(Object.entries(all))('one that %s is refused', async (_, { sends, why }) => {
    const before = [canary(), treeOf(app)]
    await expect(send(exchange, ...sends)).rejects.toMatchObject({
      code: 'sync_refused',
      message: expect.stringMatching(why),
    })
    expect([canary(), treeOf(app)]).toEqual(before)
  })

  test.each(['..', '../canary', '/etc', '.', '.ssh', 'a/../..', '.git'])('a folder named %s is refused', async name => {
    const bytes = Buffer.concat([exchange, end])
    const asked = async () => {
      for await (const _ of download(machine.target, syncFolder, { query: { folder: name }, bytes }));
    }
    await expect(asked()).rejects.toMatchObject({ code: 'sync_refused' })
  })

  test('through a link that leads out nothing is written, removed, read or copied', async () => {
    symlinkSync('../canary', join(app, 'out'))
    writeFileSync(join(app, 'mine'), 'x')
    const before = canary()
    const kept = { ...file('out/kept', 'as it was') }
    const said = await send(
      exchange,
      frame({
        type: 'do',
        actions: [
          { kind: 'remove', path: 'out/kept', was: kept },
          { ...put({ ...kept, path: 'stolen' }), copy: 'out/kept' },
          { ...put({ ...file('out/copied') }), copy: 'mine' },
          put(file('out/new', 'good')),
        ],
      }),
      frame({ type: 'pack', pieces: [{ path: 'out/new', offset: 0, bytes: 4 }] }, [Buffer.from('good')]),
      frame({ type: 'want', files: [kept] }),
      end,
    )
    expect(canary()).toEqual(before)
    expect(existsSync(join(app, 'stolen'))).toBe(false)
    const failed = said.flatMap(one =>
      'failed' in one ? (one.failed as { path: string }[]).map(({ path }) => path) : [],
    )
    expect(failed.sort()).toEqual(['out/copied', 'out/kept', 'out/new', 'stolen'])
    expect(said).toContainEqual(
      expect.objectContaining({ type: 'pack', pieces: [expect.objectContaining({ gone: expect.any(String) })] }),
    )
  })

  test('a folder that is a link by now is no folder of a sync', async () => {
    rmSync(app, { recursive: true })
    symlinkSync('canary', app)
    onTestFinished(() => unlinkSync(app))
    await expect(send(exchange, end)).rejects.toMatchObject({
      code: 'sync_refused',
      message: expect.stringMatching(/link/),
    })
  })

  test('while a folder turns into a link and back, nothing is ever written where the link leads', async () => {
    const before = canary()
    const swapping = swap(join(app, 'sub'), '../canary')
    for (let round = 0; round < 20; round++) {
      const names = Array.from({ length: 20 }, (_, i) => `sub/f${round}-${i}`)
      const pieces = names.map(path => ({ path, offset: 0, bytes: 4 }))
      const actions = names.map(path => put(file(path, 'good')))
      await send(
        exchange,
        frame({ type: 'do', actions }),
        frame(
          { type: 'pack', pieces },
          names.map(() => Buffer.from('good')),
        ),
        end,
      )
    }
    await swapping()
    expect(canary()).toEqual(before)
  })
})

/** Renames a folder away, puts a link in its place, and back, until it is told to stop. In a process of its own: as fast as can be. */
function swap(folder: string, target: string): () => Promise<void> {
  const script = `const fs = require('fs'); const [, folder, target] = process.argv
    for (;;) { try { fs.renameSync(folder, folder + '.away'); fs.symlinkSync(target, folder) } catch {}
      try { fs.unlinkSync(folder); fs.renameSync(folder + '.away', folder) } catch {} }`
  const child = spawn(process.execPath, ['-e', script, folder, target], { stdio: 'ignore' })
  const gone = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await gone
    if (!existsSync(`${folder}.away`)) return
    rmSync(folder, { force: true, recursive: true })
    renameSync(`${folder}.away`, folder)
  }
  onTestFinished(stop)
  return stop
}

describe('a hostile machine, and the computer that syncs with it', () => {
  let root: string
  let server: Server
  let target: Target
  /** What it does and answers, one request after the other. */
  let says: (() => Buffer[])[] = []

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'spoq-hostile-'))
    server = createServer(async (request: IncomingMessage, response) => {
      for await (const _ of request);
      response.writeHead(200, { 'content-type': 'application/vnd.spoq.sync' })
      response.end(Buffer.concat(says.shift()?.() ?? [end]))
    })
    const socket = join(root, 'local.sock')
    server.listen(socket)
    await once(server, 'listening')
    const dispatcher = overSocket(socket)
    target = { origin: 'http://machine', dispatcher, unreachable: 'machine_unreachable', now: Date.now }
  })
  afterAll(async () => {
    await target.dispatcher?.destroy()
    server.close()
    rmSync(root, { recursive: true })
  })

  const id = frame({ type: 'folder', id: '0'.repeat(32) })

  function computer() {
    const home = mkdtempSync(join(root, 'home-'))
    const [local, state] = [join(home, 'app'), join(home, 'state')]
    for (const folder of [join(local, 'sub'), join(home, 'canary')]) mkdirSync(folder, { recursive: true })
    writeFileSync(join(home, 'canary', 'kept'), 'as it was')
    writeFileSync(join(local, 'mine'), 'mine')
    const outside = () => treeOf(home, path => /^(app|state)(\/|$)/.test(path))
    const sync = () => syncOnce(syncing(target, folderAt(local, 'app', state)))
    return { home, local, sync, outside }
  }

  const looks = {
    ...Object.fromEntries(
      Object.entries(entries).map(([name, { entry, why }]) => [
        `names what ${name}`,
        { sends: [frame({ type: 'entries', entries: [entry] }), end], why },
      ]),
    ),
    ...answers,
    ...Object.fromEntries(
      Object.entries(streams).map(([name, { sends, why }]) => [
        name,
        { sends, why: /not asked for|pack of nothing/.test(why.source) ? /does not belong/ : why },
      ]),
    ),
  }

  test.each(Object.entries(looks))('one that %s is refused', async (_, { sends, why }) => {
    const { local, sync, outside } = computer()
    const before = [outside(), treeOf(local)]
    says = [() => [id, ...sends]]
    await expect(sync()).rejects.toMatchObject({ code: 'sync_refused', message: expect.stringMatching(why) })
    expect([outside(), treeOf(local)]).toEqual(before)
  })

  const looked = [id, frame({ type: 'entries', entries: [file('f', 'good')] }), end]

  test.each(Object.entries({ ...contents, ...streams }))(
    'when a file is fetched, one that %s is refused',
    async (_, { sends, why }) => {
      const { local, sync, outside } = computer()
      const before = [outside(), treeOf(local)]
      says = [() => looked, () => sends]
      await expect(sync()).rejects.toMatchObject({ code: 'sync_refused', message: expect.stringMatching(why) })
      expect([outside(), treeOf(local)]).toEqual(before)
    },
  )

  test('one that reaches for keys, hooks and what git ignores here gets nothing written', async () => {
    const { local, sync, outside } = computer()
    writeFileSync(join(local, '.gitignore'), 'dist/\n')
    const before = [outside(), treeOf(local)]
    const named = [
      '.aws/credentials',
      '.env',
      '.git/hooks/pre-commit',
      '.ssh/authorized_keys',
      'dist/run.js',
      'node_modules/a.js',
    ]
    says = [() => [id, frame({ type: 'entries', entries: named.map(path => file(path)) }), end]]
    await sync()
    expect([outside(), treeOf(local)]).toEqual(before)
  })

  test('through a link of the person nothing is written, and what it says was taken there stays', async () => {
    const { local, sync, outside } = computer()
    symlinkSync('../canary', join(local, 'out'))
    const before = [outside(), treeOf(local)]
    says = [() => [id, frame({ type: 'entries', entries: [file('out/kept', 'evil'), file('out/new')] }), end]]
    const { failed } = await sync()
    expect(failed).toContainEqual({ path: 'out', why: 'is a link that leads out of the folder', side: 'here' })
    expect([outside(), treeOf(local)]).toEqual(before)
  })

  test('what comes after a folder has become a link that leads out is written nowhere', async () => {
    const { home, local, sync, outside } = computer()
    const before = outside()
    const door = () => {
      rmSync(join(local, 'sub'), { recursive: true })
      symlinkSync(join(home, 'canary'), join(local, 'sub'))
    }
    says = [
      () => [id, frame({ type: 'entries', entries: [file('sub/f', 'good')] }), end],
      () => {
        door()
        return [frame({ type: 'pack', pieces: [{ path: 'sub/f', offset: 0, bytes: 4 }] }, [Buffer.from('good')]), end]
      },
    ]
    const { failed } = await sync()
    expect(failed).toContainEqual({ path: 'sub/f', why: 'leads through a link or a file', side: 'here' })
    expect(outside()).toEqual(before)
  })

  test('one that falls silent in the middle is waited for so long, and no longer', async () => {
    const silent = (async function* () {
      yield frame({ type: 'entries', entries: [] }).subarray(0, 10)
      await sleep(600_000, undefined, { ref: false })
    })()
    const heard = async () => {
      for await (const _ of frames(silent, 50));
    }
    await expect(heard()).rejects.toThrow('sends nothing any more')
  })
})
