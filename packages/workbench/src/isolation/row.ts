// A row of the matrix: a place where a whole Conductor runs, and how it is reached from the test.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { start, until } from '../docker/engine.ts'
import type { Network } from './network.ts'
import { makeMachine, type Stage, users } from './stage.ts'

export interface Row {
  name: string
  /** Its machine, as this test sees it, and as what runs there does. */
  outside: string
  inside: string
  isolation: 'uid' | 'bubblewrap' | 'none'
  network: 'guarded' | 'shared'
  stop: () => Promise<void>
}

/** As on a laptop: one user, and bubblewrap or nothing at all. */
export async function startLaptop(stage: Stage, network: Network, name: 'bare' | 'bubblewrap'): Promise<Row> {
  const place = join(stage.folder, name)
  makeMachine(place, network.modelUrl, false)
  const machine = join(place, 'machine')
  const user = [`--reuid=${users.conductor}`, `--regid=${users.group}`, '--clear-groups']
  const script = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
  const words = [
    ...[...network.enter, 'unshare', '--mount', 'sh', '-c', script, 'sh', join(stage.folder, 'hosts')],
    ...['setpriv', ...user, join(stage.programs, 'node'), join(stage.programs, 'main.js'), '--folder', machine],
  ]
  // Without a PATH there is no bubblewrap to be found: `setpriv` and the rest are looked up before.
  const env = { PATH: process.env.PATH, HOME: place, SPOQ_OWN: 'planted secret' }
  const bare = name === 'bare' ? words.toSpliced(words.indexOf('setpriv') + 4, 0, 'env', 'PATH=/nowhere') : words
  const conductor = start(bare, join(place, 'log'), env)
  await until(() => existsSync(join(machine, 'local.sock')), conductor, 'local socket')
  const isolation = name === 'bare' ? 'none' : 'bubblewrap'
  return { name, outside: machine, inside: machine, isolation, network: 'shared', stop: () => conductor.end() }
}
