// A hardened container in a Docker Engine of its own, which runs in the computer's network namespace.

import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Network } from './network.ts'
import { type Row, type Started, start, until } from './row.ts'
import { makeMachine, type Stage, users } from './stage.ts'

export async function startDocker(stage: Stage, network: Network): Promise<Row> {
  const place = join(stage.folder, 'docker')
  makeMachine(place, network.modelUrl, true)
  const engine = await startEngine(place, network)
  try {
    const docker = (...words: string[]) =>
      execFileSync('/usr/bin/docker', ['--host', `unix://${place}/engine.sock`, ...words], { encoding: 'utf8' })
    makeImage(stage, join(place, 'root'))
    execFileSync('sh', [
      '-c',
      `tar -C ${place}/root -c . | /usr/bin/docker --host unix://${place}/engine.sock import - spoq`,
    ])
    // Before the rules a container reaches the metadata service: what is refused later would have answered.
    const fetch = ['/programs/node', '/attempt.mjs', 'fetch', '169.254.169.254', '100.100.100.200']
    const answered = docker('run', '--rm', 'spoq', ...fetch)
    if (answered.split('planted metadata').length !== 3)
      throw new Error(`the metadata service does not answer: ${answered}`)
    execFileSync(network.enter[0] as string, [
      ...network.enter.slice(1),
      ...['nft', '--define', 'tools=4294967294', '--file', join(stage.programs, 'metadata.nft')],
    ])
    const { conductor, tools, group } = users
    const hardened = [
      ...[
        '--read-only',
        '--tmpfs',
        '/tmp:mode=1777',
        '--cap-drop',
        'ALL',
        '--cap-add',
        'SETUID',
        '--cap-add',
        'SETGID',
      ],
      ...['--security-opt', 'no-new-privileges', '--pids-limit', '256', '--memory', '512m'],
      ...[
        '--add-host',
        'metadata.google.internal:169.254.169.254',
        '--volume',
        `${place}/machine:/var/lib/spoq/machine`,
      ],
      ...['--volume', `${place}/workspace:/var/lib/spoq/workspace`, '--env', 'PATH=/programs:/usr/bin:/bin'],
    ]
    const init = ['/programs/init.sh', conductor, tools, group, '/var/lib/spoq/machine'].map(String)
    docker('run', '--detach', '--name', 'machine', ...hardened, 'spoq', ...init)
    const machine = join(place, 'machine')
    const said = () =>
      execFileSync('sh', ['-c', `/usr/bin/docker --host unix://${place}/engine.sock logs machine 2>&1`], {
        encoding: 'utf8',
      })
    await until(() => existsSync(join(machine, 'local.sock')), { ...engine, said }, 'local socket')
    return {
      name: 'Docker',
      outside: machine,
      inside: '/var/lib/spoq/machine',
      isolation: 'uid',
      network: 'guarded',
      stop: async () => {
        const nobody = /^Uid:\s+0\b/m
        const pids = docker('top', 'machine', '-eo', 'pid').split('\n').slice(1).filter(Boolean)
        const roots = pids.filter(pid => nobody.test(readFileSync(`/proc/${pid.trim()}/status`, 'utf8')))
        docker('stop', 'machine')
        await stopEngine(engine, network)
        if (roots.length > 0) throw new Error(`something stayed root in the container: ${roots}`)
      },
    }
  } catch (error) {
    await stopEngine(engine, network)
    throw error
  }
}

async function startEngine(place: string, network: Network): Promise<Started> {
  const folders = ['--data-root', join(place, 'data'), '--exec-root', join(place, 'exec')]
  const words = [...network.enter, 'unshare', '--uts', 'dockerd', ...folders]
  const socket = join(place, 'engine.sock')
  const own = ['--pidfile', join(place, 'pid'), '--host', `unix://${socket}`]
  const engine = start([...words, ...own], join(place, 'log'))
  await until(() => existsSync(socket), engine, 'Docker Engine')
  return engine
}

/** It also leaves rules: the next row starts without them. */
async function stopEngine(engine: Started, network: Network): Promise<void> {
  await engine.end()
  await sleep(100)
  execFileSync(network.enter[0] as string, [...network.enter.slice(1), 'nft', 'flush', 'ruleset'])
}

/** busybox, a shell, node, setpriv, their libraries, and two users. */
function makeImage(stage: Stage, root: string): void {
  for (const folder of [
    'bin',
    'usr/bin',
    'etc',
    'tmp',
    'proc',
    'dev',
    'sys',
    'var/lib/spoq/machine',
    'var/lib/spoq/workspace',
  ])
    mkdirSync(join(root, folder), { recursive: true })
  cpSync(stage.programs, join(root, 'programs'), { recursive: true })
  cpSync(join(import.meta.dirname, 'attempt.mjs'), join(root, 'attempt.mjs'))
  cpSync('/bin/busybox', join(root, 'bin/busybox'))
  execFileSync('chroot', [root, '/bin/busybox', '--install', '-s', '/bin'])
  // Its own shell would take its own setpriv, which knows no users.
  for (const name of ['bin/sh', 'bin/setpriv']) rmSync(join(root, name))
  copyFileSync('/bin/sh', join(root, 'bin/sh'))
  copyFileSync('/usr/bin/setpriv', join(root, 'usr/bin/setpriv'))
  for (const program of [process.execPath, '/usr/bin/setpriv', '/bin/sh'])
    for (const [library] of execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/\/\S+(?= \()/g)) {
      mkdirSync(join(root, dirname(library)), { recursive: true })
      copyFileSync(library, join(root, library))
    }
  writeFileSync(join(root, 'etc/passwd'), passwd())
  writeFileSync(join(root, 'etc/shadow'), 'root:planted secret\n', { mode: 0o600 })
  writeFileSync(join(root, 'etc/group'), `root:x:0:\nspoq-work:x:${users.group}:\n`)
}

export const passwd = () =>
  `root:x:0:0::/:/bin/sh
spoq:x:${users.conductor}:${users.group}::/var/lib/spoq:/bin/sh
spoq-tools:x:${users.tools}:${users.group}::/var/lib/spoq/workspace:/bin/sh
`
