// A bare server: systemd and sshd on an overlay of this computer's own root, in a network of its own, with the packages
// that a set-up needs in apt's cache and not installed. It is restarted when it asks for it, as a cloud does.

import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Started, start } from '../docker/engine.ts'
import { childrenOf, killEach } from '../processes.ts'
import type { Net } from './net.ts'
import { makeGroup } from './own-group.ts'

export interface BareServer {
  /** Its files, as this computer sees them. */
  root: string
  /** A way to a port of it. */
  dial: (port: number) => Duplex
  /** How often it was started. */
  boots: () => number
  stop: () => Promise<void>
}

interface Debs {
  /** Installed before it is started. */
  installed: readonly string[]
  /** In apt's cache, and not installed. */
  cached: readonly string[]
}

/** Starts one whose root takes this SSH key. */
export async function startServer(folder: string, net: Net, debs: Debs, authorizedKey: string): Promise<BareServer> {
  const [layers, root] = [join(folder, 'layers'), join(folder, 'root')]
  for (const path of [layers, root]) mkdirSync(path, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', layers])
  for (const path of ['upper', 'work']) mkdirSync(join(layers, path))
  const options = `lowerdir=/,upperdir=${layers}/upper,workdir=${layers}/work`
  execFileSync('mount', ['-t', 'overlay', '-o', options, 'overlay', root])
  const unmount = () => {
    for (const path of [root, layers]) execFileSync('umount', ['--lazy', path])
  }
  try {
    prepare(root, debs, authorizedKey)
    const machine = await boot(folder, root, net)
    return {
      root,
      dial: port => dialIn(net, port),
      boots: machine.boots,
      stop: async () => {
        await machine.stop()
        unmount()
      },
    }
  } catch (error) {
    unmount()
    throw error
  }
}

function prepare(root: string, { installed, cached }: Debs, authorizedKey: string): void {
  const put = (path: string, text: string, mode = 0o644) => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    rmSync(join(root, path), { force: true })
    writeFileSync(join(root, path), text, { mode })
  }
  // A server of its own: none of this computer's services, and its own names.
  for (const name of readdirSync(join(root, 'etc/systemd/system')))
    if (/\.(wants|requires)$/.test(name)) rmSync(join(root, 'etc/systemd/system', name), { recursive: true })
  for (const path of ['usr/sbin/policy-rc.d', 'etc/apt/apt.conf.d/docker-clean', 'etc/machine-id'])
    rmSync(join(root, path), { force: true })
  // What shells do here is this computer's: one that is cut off may leave a lock on which the next would wait.
  for (const name of ['.bashrc', '.bash_profile', '.profile']) rmSync(join(root, 'root', name), { force: true })
  put('etc/machine-id', '')
  put('etc/hostname', 'bare\n')
  put('etc/hosts', '127.0.0.1 localhost bare\n')
  put('etc/resolv.conf', '')
  put('root/.ssh/authorized_keys', `${authorizedKey}\n`, 0o600)
  execFileSync('chmod', ['700', join(root, 'root'), join(root, 'root/.ssh')])
  for (const deb of installed) cpSync(deb, join(root, 'var/tmp', basename(deb)))
  const names = installed.map(deb => join('/var/tmp', basename(deb)))
  execFileSync('chroot', [root, 'dpkg', '--install', ...names], { stdio: 'pipe', env: aptEnvironment })
  mkdirSync(join(root, 'var/cache/apt/archives/partial'), { recursive: true })
  // This computer may have them by now; a bare server has not.
  const absent = cached.map(deb => basename(deb).split('_', 1)[0] ?? '')
  const has = (path: string) => existsSync(join(root, path))
  const there = absent.filter(
    name => has(`var/lib/dpkg/info/${name}.list`) || has(`var/lib/dpkg/info/${name}:amd64.list`),
  )
  if (there.length > 0)
    execFileSync('chroot', [root, 'dpkg', '--purge', ...there], { stdio: 'pipe', env: aptEnvironment })
  execFileSync('chroot', [root, 'sh', '-c', 'userdel caddy; rm -rf /etc/caddy /var/lib/caddy; :'], { stdio: 'pipe' })
  for (const deb of cached) cpSync(deb, join(root, 'var/cache/apt/archives', basename(deb)))
}

const aptEnvironment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }

async function boot(folder: string, root: string, net: Net) {
  const group = makeGroup(basename(net.server.path))
  const words = [
    ...[
      ...group.enter,
      'systemd-nspawn',
      '--quiet',
      '--boot',
      '--register=no',
      '--keep-unit',
      `--machine=spoq-vps`,
      `--directory=${root}`,
    ],
    ...[`--network-namespace-path=${net.server.path}`, '--resolv-conf=off', '--timezone=off', '--console=pipe'],
    ...['--capability=CAP_NET_ADMIN', '--link-journal=no', '--', 'systemd.show_status=no'],
  ]
  let boots = 0
  let stopped = false
  let running: Started | undefined
  const again = () => {
    boots++
    running = start(words, join(folder, 'console'))
    // 133: it restarts itself.
    running.child.once('exit', status => {
      if (!stopped && status === 133) again()
    })
  }
  again()
  const stop = async () => {
    stopped = true
    if (running && running.child.exitCode === null && running.child.signalCode === null) {
      // Its own end in good order takes what it takes; nothing of it is needed any more. What runs in it ends with its first process.
      const inside = childrenOf(running.child.pid ?? 0)
      await running.end('SIGKILL')
      killEach(inside)
    }
    await group.remove()
  }
  for (let tries = 0; !(await answers(net)); tries++) {
    if (tries > 300 || running?.child.exitCode !== null) {
      await stop()
      throw new Error(`the bare server does not start:\n${readLog(folder)}`)
    }
    await sleep(200)
  }
  return { boots: () => boots, stop }
}

const readLog = (folder: string) =>
  existsSync(join(folder, 'console')) ? readFileSync(join(folder, 'console'), 'utf8').slice(-4_000) : ''

/** Whether its sshd says who it is. */
function answers(net: Net): Promise<boolean> {
  const way = dialIn(net, 22)
  return new Promise(resolve => {
    way.once('data', chunk => {
      resolve(String(chunk).startsWith('SSH-2.0'))
      way.destroy()
    })
    way.once('close', () => resolve(false))
    way.on('error', () => resolve(false))
  })
}

const relay = `const s = require('net').connect(+process.argv[2], process.argv[1])
process.stdin.pipe(s); s.pipe(process.stdout); s.on('error', () => process.exit(1)); s.on('close', () => process.exit(0))`

function dialIn({ cloud, server }: Net, port: number): Duplex {
  const [program = '', ...words] = [...cloud.enter, process.execPath, '-e', relay, server.address, String(port)]
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'] })
  const way = Duplex.from({ readable: child.stdout, writable: child.stdin })
  way.on('close', () => child.kill('SIGKILL'))
  return way
}
