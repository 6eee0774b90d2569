// A real Conductor and a real rsync daemon, each behind the same slow line, and a folder to bring there.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../../free-ports.ts'
import { bin } from '../../journey/home.ts'
import { makeTree } from './tree.ts'

/** Of the line, in each direction. */
const bytesASecond = 50e6
export const roundTripMs = 20

const files = 20_000
const largeBytes = 500e6

export interface Stage {
  /** The folder here. */
  tree: string
  /** Where the folders stand that spoq brings over. */
  workspace: string
  /** Brings the tree to a folder of that name; the seconds that it took. */
  rsync(name: string): Promise<number>
  spoq(name: string): Promise<number>
  /** Begins to keep a folder of that name the same. */
  watch(name: string): Promise<ChildProcess>
  stop(): Promise<void>
}

export async function startStage(): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'spoq-bench-'))
  const [tree, machine, line, copies] = ['tree', 'machine', 'line', 'copies'].map(name => join(root, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const folder of [tree, machine, line, copies]) mkdirSync(folder, { mode: 0o700 })
  makeTree(tree, files, largeBytes)
  const children: ChildProcess[] = []
  const start = async (command: string, args: string[], isReady: (text: string) => boolean) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    await new Promise<void>(ready => {
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on('line', text => isReady(text) && ready())
    })
  }
  writeFileSync(join(machine, 'conductor.json'), JSON.stringify(config))
  const conductor = resolve(import.meta.dirname, '../../../../conductor/src/main.ts')
  await start(process.execPath, [conductor, '--folder', machine], text => text.includes('"ready"'))

  const [daemonPort, linePort] = (await freePorts(2)) as [number, number]
  const { uid, gid } = userInfo()
  const daemonConfig = join(root, 'rsyncd.conf')
  writeFileSync(
    daemonConfig,
    `use chroot = no\nuid = ${uid}\ngid = ${gid}\n[copies]\npath = ${copies}\nread only = no\n`,
  )
  const daemon = ['--daemon', '--no-detach', '--address=127.0.0.1', `--port=${daemonPort}`, `--config=${daemonConfig}`]
  children.push(spawn('rsync', [...daemon, `--log-file=${join(root, 'rsyncd.log')}`], { stdio: 'ignore' }))
  await listening(daemonPort)
  const slowLine = (from: string, to: string) =>
    start(
      process.execPath,
      [join(import.meta.dirname, 'slow-line.ts'), from, to, String(bytesASecond), String(roundTripMs / 2)],
      text => text === 'ready',
    )
  await slowLine(String(linePort), String(daemonPort))
  await slowLine(join(line, 'local.sock'), join(machine, 'local.sock'))
  const marker = join(root, 'vps.marker')
  writeFileSync(marker, JSON.stringify({ folder: line }))

  const { PATH = '', HOME = '' } = process.env
  const env = (name: string) => ({ PATH, HOME, SPOQ_MARKER: marker, SPOQ_DATA_DIR: join(root, `data-${name}`) })
  return {
    tree,
    workspace: join(machine, 'workspace'),
    rsync: name => seconds('rsync', ['-a', `${tree}/`, `rsync://127.0.0.1:${linePort}/copies/${name}/`], process.env),
    spoq: name => seconds(process.execPath, [bin, 'sync', tree, '--to', name, '--json'], env(name)),
    watch: async name => {
      const args = [bin, 'sync', tree, '--to', name, '--watch', '--json']
      const child = spawn(process.execPath, args, { env: env(name), stdio: ['ignore', 'pipe', 'inherit'] })
      children.push(child)
      for await (const text of createInterface({ input: child.stdout })) if (text.includes('"watching"')) break
      return child
    },
    stop: async () => {
      for (const child of children.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }
      rmSync(root, { recursive: true, force: true })
    },
  }
}

const config = {
  machine: 'mach_0123456789abcdef0123',
  members: [],
  issuer: 'http://127.0.0.1:9',
  jwksUrl: 'http://127.0.0.1:9/jwks',
  edge: null,
}

async function seconds(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const began = performance.now()
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', text => (said += text))
  const [status] = (await once(child, 'close')) as [number | null]
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${said}`)
  return (performance.now() - began) / 1_000
}

/** Settles once something listens on a port of this computer. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isThere) return
    await sleep(20)
  }
}
