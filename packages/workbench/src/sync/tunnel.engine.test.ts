// A sync with a machine that nobody can call: through the gateway's tunnel, alone and behind a real Caddy.

import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { type Syncing, syncOnce } from '@spoq/cli/sync/sync'
import { folderAt, silent, syncing } from '@spoq/cli/sync/testing'
import { watchAndSync } from '@spoq/cli/sync/watch'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { showStatus } from '@spoq/contracts/status'
import { expect, onTestFinished, test, vi } from 'vitest'
import { operators, startCaddy, whyNoCaddy } from '../reach/caddy.ts'
import { startNat } from '../tunnel/nat.ts'
import { treeOf } from './tree.ts'

interface World extends AsyncDisposable {
  here: string
  there: string
  sync: (more?: Partial<Syncing>) => Syncing
  /** The tunnel breaks, and nothing answers until it is there again. */
  breakOff(): Promise<void>
  comeBack(): Promise<void>
}

async function world(behind: 'the gateway' | 'a Caddy'): Promise<World> {
  const undo = new AsyncDisposableStack()
  const root = mkdtempSync(join(tmpdir(), 'spoq-sync-tunnel-'))
  undo.defer(() => rmSync(root, { recursive: true, force: true }))
  const caddy = behind === 'a Caddy' ? await startCaddy() : null
  if (caddy) {
    undo.defer(() => caddy.stop())
    await vi.waitUntil(() => isTrue(() => caddy.authority()), { timeout: 20_000 })
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), caddy.authority()])
  }
  const nat = undo.use(
    await startNat(
      caddy
        ? {
            environment: { GATEWAY_URL: `https://gateway.localhost:${caddy.port}/tunnel` },
            gateway: { CADDY_ADMIN_URL: caddy.admin, CADDY_LISTEN: caddy.listen, MACHINE_TLS: 'internal' },
          }
        : {},
    ),
  )
  const ann = await nat.register('ann')
  const machine = await nat.make(ann)
  const target: Target = {
    origin: caddy ? `https://${machine.name}.localhost:${caddy.port}` : machine.endpoint,
    token: () => nat.tokenFor(ann, machine.id),
    unreachable: 'machine_unreachable',
    now: Date.now,
  }
  const answers = () =>
    vi.waitUntil(
      () =>
        call(target, showStatus).then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
  await answers()
  const [here, there] = [join(root, 'app'), join(nat.dataDir, 'machines', machine.id, 'workspace', 'app')]
  mkdirSync(here)
  return {
    here,
    there,
    sync: more => syncing(target, folderAt(here, 'app', join(root, 'state')), more),
    breakOff: () => nat.killGateway(),
    comeBack: async () => {
      await nat.startGateway()
      await answers()
    },
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }
}

function isTrue(work: () => unknown): boolean {
  try {
    return Boolean(work())
  } catch {
    return false
  }
}

function fill(folder: string): void {
  for (let i = 0; i < 300; i++) {
    mkdirSync(join(folder, `d${i % 20}`), { recursive: true })
    writeFileSync(join(folder, `d${i % 20}`, `f${i}`), randomBytes(i * 100))
  }
  writeFileSync(join(folder, 'large'), randomBytes(30 << 20))
}

const tree = (folder: string) => treeOf(folder, path => path.includes('.spoq-sync-'))
const holds = (folder: string, path: string, content: string) =>
  isTrue(() => readFileSync(join(folder, path), 'utf8') === content)

test.each([
  ['the gateway', null],
  ['a Caddy', operators.host],
] as const)('through %s', { timeout: 180_000 }, async (behind, site) => {
  if (site && whyNoCaddy()) return
  await using all = await world(behind)
  const { here, there, sync, breakOff, comeBack } = all

  // It breaks off in the middle of the first one.
  fill(here)
  const fresh = tree(here)
  let bytes = 0
  let broken: Promise<void> | undefined
  const cut = (more: number) => {
    bytes += more
    if (bytes > 12 << 20) broken ??= breakOff()
  }
  await expect(syncOnce(sync({ view: { ...silent, bytes: cut } }))).rejects.toMatchObject({
    code: expect.stringMatching(/^(machine_unreachable|machine_away|unavailable)$/),
  })
  await broken
  for (const [path, is] of Object.entries(isTrue(() => tree(there)) ? tree(there) : {})) expect(is).toBe(fresh[path])
  await comeBack()
  expect((await syncOnce(sync())).failed).toEqual([])
  expect([tree(there), tree(here)]).toEqual([fresh, fresh])

  // An edit, in both directions, by itself; also one that was saved while the tunnel was away.
  const leaving = new AbortController()
  const { promise: watching, resolve } = Promise.withResolvers<void>()
  const { promise: away, resolve: wentAway } = Promise.withResolvers<string>()
  const view = { ...silent, watching: resolve, away: wentAway }
  const ended = watchAndSync(sync({ view, signal: leaving.signal })).catch((error: unknown) => error)
  onTestFinished(() => leaving.abort())
  await Promise.race([watching, ended.then(error => Promise.reject(error))])
  writeFileSync(join(here, 'd3/f3'), 'edited here')
  await vi.waitUntil(() => holds(there, 'd3/f3', 'edited here'), { timeout: 20_000 })
  writeFileSync(join(there, 'd4/f4'), 'edited there')
  await vi.waitUntil(() => holds(here, 'd4/f4', 'edited there'), { timeout: 20_000 })
  await breakOff()
  writeFileSync(join(here, 'd5/f5'), 'saved meanwhile')
  await away
  await comeBack()
  await vi.waitUntil(() => holds(there, 'd5/f5', 'saved meanwhile'), { timeout: 60_000 })
  leaving.abort(new Error('left'))
  expect(await ended).toMatchObject({ message: 'left' })
  expect(tree(there)).toEqual(tree(here))
})
