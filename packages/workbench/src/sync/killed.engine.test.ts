// The real CLI and a real Conductor, each killed in the middle as a power cut would, in both directions: what is there is
// whole, nothing is left behind, and the next sync goes on.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { bin } from '../journey/home.ts'
import { treeOf } from './tree.ts'

const conductor = resolve(import.meta.dirname, '../../../conductor/src/main.ts')
const config = {
  machine: 'mach_0123456789abcdef0123',
  members: [],
  issuer: 'http://127.0.0.1:9',
  jwksUrl: 'http://127.0.0.1:9/jwks',
  edge: null,
}

function world() {
  const root = mkdtempSync(join(tmpdir(), 'spoq-killed-'))
  const [machine, here] = [join(root, 'machine'), join(root, 'app')]
  const there = join(machine, 'workspace', 'app')
  for (const folder of [machine, here]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(machine, 'conductor.json'), JSON.stringify(config))
  const marker = join(root, 'vps.marker')
  writeFileSync(marker, JSON.stringify({ folder: machine }))
  const children: ChildProcess[] = []
  onTestFinished(async () => {
    for (const child of children) await kill(child)
    rmSync(root, { recursive: true, force: true })
  })

  async function startConductor(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [conductor, '--folder', machine], { stdio: ['ignore', 'ignore', 'pipe'] })
    children.push(child)
    for await (const line of createInterface({ input: child.stderr })) if (line.includes('"ready"')) return child
    throw new Error('the Conductor did not start')
  }

  function startSync(): { child: ChildProcess; status: Promise<number | null> } {
    const { PATH = '', HOME = '' } = process.env
    const env = { PATH, HOME, SPOQ_MARKER: marker, SPOQ_DATA_DIR: join(root, 'data') }
    const child = spawn(process.execPath, [bin, 'sync', here, '--join', '--json'], { env, stdio: 'ignore' })
    children.push(child)
    return { child, status: once(child, 'exit').then(([status]) => status as number | null) }
  }

  return { here, there, startConductor, startSync }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** A file so large that it is put in its place while the others still come, and four hundred of those. */
function fill(folder: string, version: string): void {
  for (let i = 0; i < 400; i++) {
    mkdirSync(join(folder, `d${i % 20}`), { recursive: true })
    writeFileSync(join(folder, `d${i % 20}`, `f${i}`), `${version} ${i} ${'x'.repeat(i * 50)}`)
  }
  writeFileSync(join(folder, 'a-large'), randomBytes(70 << 20))
}

/** Paths whose content is neither the old one nor the new one: half of a file. */
function halves(folder: string, old: Record<string, string>, fresh: Record<string, string>): string[] {
  const now = treeOf(folder, path => path.includes('.spoq-sync-'))
  return Object.entries(now).flatMap(([path, is]) => (is === old[path] || is === fresh[path] ? [] : [path]))
}

const leftovers = (folder: string) =>
  (readdirSync(folder, { recursive: true }) as string[]).filter(path => path.includes('.spoq-sync-'))

/** Kills one side later and later into a sync, until a sync ends before. */
async function killLaterAndLater(who: 'the CLI' | 'the Conductor', direction: 'there' | 'here') {
  const { here, there, startConductor, startSync } = world()
  let machine = await startConductor()
  writeFileSync(join(here, 'first'), 'first')
  expect(await startSync().status).toBe(0)
  const [from, to] = direction === 'there' ? [here, there] : [there, here]
  let kills = 0
  for (let ms = 150; ; ms *= 1.5) {
    const old = treeOf(to)
    fill(from, `version ${ms}`)
    const fresh = treeOf(from)
    const { child, status } = startSync()
    const isDone = await Promise.race([status.then(() => true), sleep(ms).then(() => false)])
    if (isDone) break
    kills++
    await kill(who === 'the CLI' ? child : machine)
    if (who === 'the Conductor') {
      expect([0, 1, 5, 6]).toContain(await status)
      machine = await startConductor()
    }
    expect(halves(to, old, fresh)).toEqual([])
    expect(treeOf(from, path => path.includes('.spoq-sync-'))).toEqual(fresh)
  }
  expect(await startSync().status).toBe(0)
  expect(treeOf(to)).toEqual(treeOf(from))
  expect([...leftovers(here), ...leftovers(there)]).toEqual([])
  expect(readFileSync(join(to, 'd3/f3'), 'utf8')).toMatch(/^version/)
  expect((readdirSync(to, { recursive: true }) as string[]).filter(path => path.includes('.conflict-'))).toEqual([])
  return kills
}

test.each([
  ['the CLI', 'there'],
  ['the CLI', 'here'],
  ['the Conductor', 'there'],
  ['the Conductor', 'here'],
] as const)(
  'killing %s while files go %s loses nothing, and leaves nothing half',
  { timeout: 300_000 },
  async (who, direction) => {
    expect(await killLaterAndLater(who, direction)).toBeGreaterThan(3)
  },
)
