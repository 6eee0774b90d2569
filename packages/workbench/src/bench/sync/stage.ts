// A real Conductor and a real sshd, each behind the same slow line, and a folder to bring there.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { freePorts } from '../../free-ports.ts'
import { bin } from '../../journey/home.ts'
import type { How } from '../figure.ts'
import { ranWith, usedBy } from '../process-cost.ts'
import { startRsync } from './rsync.ts'
import { makeTree } from './tree.ts'

/** Of the line, in each direction. */
const bytesASecond = 50e6
export const roundTripMs = 20

const sizes = (small: boolean) => (small ? { files: 2_000, largeBytes: 50e6 } : { files: 20_000, largeBytes: 500e6 })

/** In seconds; the CPU time of all that ran for it on each side of the line. */
export interface Took {
  seconds: number
  cpuHere: number
  cpuThere: number
}

export interface Stage extends AsyncDisposable {
  /** The folder here. */
  tree: string
  /** Where the folders stand that spoq brings over. */
  workspace: string
  /** Brings the tree to a folder of that name. */
  rsync(name: string): Promise<Took>
  spoq(name: string): Promise<Took>
  /** Begins to keep a folder of that name the same. */
  watch(name: string): Promise<ChildProcess>
  /** Waits until the disk has all that was written: nobody is to write what another left. */
  rest(): void
}

export async function startStage({ small }: How): Promise<Stage> {
  const undo = new AsyncDisposableStack()
  try {
    return await built(undo, small)
  } catch (error) {
    await undo.disposeAsync()
    throw error
  }
}

async function built(undo: AsyncDisposableStack, small: boolean): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'spoq-bench-'))
  undo.defer(() => rmSync(root, { recursive: true, force: true }))
  const folder = (name: string) => {
    mkdirSync(join(root, name), { mode: 0o700 })
    return join(root, name)
  }
  const [tree, machine, line, copies] = [folder('tree'), folder('machine'), folder('line'), folder('copies')]
  const { files, largeBytes } = sizes(small)
  makeTree(tree, files, largeBytes)

  writeFileSync(join(machine, 'conductor.json'), JSON.stringify(config))
  const conductor = await started(undo, [program, '--folder', machine], text => text.includes('"ready"'))
  const rsync = await startRsync(join(root, 'rsync'), undo)
  const [port = 0] = await freePorts(1)
  const slowLine = (from: string, to: string) =>
    started(
      undo,
      [join(import.meta.dirname, 'slow-line.ts'), from, to, String(bytesASecond), String(roundTripMs / 2)],
      text => text === 'ready',
    )
  await slowLine(String(port), String(rsync.port))
  await slowLine(join(line, 'local.sock'), join(machine, 'local.sock'))
  const withRsync = rsync.over(port)
  const marker = join(root, 'vps.marker')
  writeFileSync(marker, JSON.stringify({ folder: line }))

  const { PATH = '', HOME = '' } = process.env
  const env = (name: string) => ({ PATH, HOME, SPOQ_MARKER: marker, SPOQ_DATA_DIR: join(root, `data-${name}`) })
  const words = (name: string) => [process.execPath, bin, 'sync', tree, '--to', name, '--json'] as const
  return {
    tree,
    workspace: join(machine, 'workspace'),
    rsync: name => withRsync(tree, join(copies, name)),
    spoq: async name => {
      const before = usedBy(conductor.pid ?? 0, true)
      const { status, cpu, seconds, stderr } = await ranWith(words(name), env(name))
      if (status !== 0) throw new Error(`spoq ended with ${status}: ${stderr}`)
      return { seconds, cpuHere: cpu, cpuThere: usedBy(conductor.pid ?? 0, true) - before }
    },
    watch: async name => {
      const [command, ...args] = words(name)
      const child = spawn(command, [...args, '--watch'], { env: env(name), stdio: ['ignore', 'pipe', 'inherit'] })
      undo.defer(() => ended(child))
      for await (const text of createInterface({ input: child.stdout })) if (text.includes('"watching"')) break
      return child
    },
    rest: () => void execFileSync('sync', ['-f', root]),
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }
}

const program = resolve(import.meta.dirname, '../../../../conductor/src/main.ts')

const config = {
  machine: 'mach_0123456789abcdef0123',
  members: [],
  issuer: 'http://127.0.0.1:9',
  jwksUrl: 'http://127.0.0.1:9/jwks',
  edge: null,
}

/** A program of ours, once it said that it is ready. */
async function started(
  undo: AsyncDisposableStack,
  args: string[],
  isReady: (text: string) => boolean,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  undo.defer(() => ended(child))
  await new Promise<void>((ready, fail) => {
    child.once('exit', status => fail(new Error(`${args[0]} ended with ${status}`)))
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', text => isReady(text) && ready())
  })
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
