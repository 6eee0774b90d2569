// What somebody inside of a machine may try against the Docker host, its network and other machines. Each cell is printed,
// and each has a control: the same from where nothing keeps it, so that an empty network cannot pass.

import { execFileSync } from 'node:child_process'
import { cpSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import { showStatus } from '@spoq/contracts/status'
import { metadataAddresses } from '@spoq/kit/sandbox'
import { type DockerBed, startDockerBed, whyNoDocker } from '@spoq/workbench/docker/bed'
import { type Started, start } from '@spoq/workbench/docker/engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testSpec } from '../conformance/test-spec.ts'
import { type DockerOptions, dockerProvider } from './index.ts'

const why = whyNoDocker()
const probe = '/usr/lib/spoq/probe.mjs'
const tools = 64_302
const conductor = 64_301
const [mine, theirs] = ['mach_00000000000000000001', 'mach_00000000000000000002']
const nameOf = (machine: string) => `spoq-hardening-${machine}`

/** In the cloud behind the Docker host: one public address, and others. */
const publicAddress = '93.184.216.34'
const publicV6 = '2606:2800:220::34'
/** The Docker host on its own network, and a neighbour there. */
const [host, neighbour, hostV6] = ['10.99.0.1', '10.99.0.2', 'fd99::1']
const refused = /: (EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES)\n?$/

describe.skipIf(why !== null)('a machine of docker', () => {
  let bed: DockerBed
  const servers: Started[] = []
  const cells: string[] = []
  const cell = (column: string, result: string) => void cells.push(`${column}: ${result.trim().replaceAll('\n', '; ')}`)
  const inside = (machine: string, user: number, ...words: string[]) =>
    bed.docker('exec', '--user', `${user}:64303`, nameOf(machine), ...words)
  const tried = (...words: string[]) => inside(mine, tools, 'node', probe, ...words)
  const from = (enter: readonly string[], ...words: string[]) =>
    execFileSync(
      String(enter[0]),
      [...enter.slice(1), process.execPath, join(import.meta.dirname, 'probe.mjs'), ...words],
      {
        encoding: 'utf8',
      },
    )
  const addressOf = (machine: string) =>
    bed
      .docker(
        'inspect',
        '--format',
        '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.Gateway}}{{end}}',
        nameOf(machine),
      )
      .trim()
      .split(' ') as [string, string]

  beforeAll(async () => {
    bed = await startDockerBed(files => {
      cpSync(join(import.meta.dirname, 'probe.mjs'), join(files, probe))
      cpSync(join(files, 'usr/bin/setpriv'), join(files, 'bin/as-root'))
      execFileSync('chmod', ['6755', join(files, 'bin/as-root')])
    })
    const { enter, enterCloud } = bed.network
    const ip = (where: readonly string[], words: string) =>
      execFileSync(String(where[0]), [...where.slice(1), 'ip', ...words.split(' ')])
    ip(enterCloud, `address add ${publicAddress}/32 dev lo`)
    ip(enterCloud, `-6 address add ${publicV6}/128 dev lo`)
    ip(enterCloud, 'route add 10.213.0.0/16 via 10.99.0.1')
    ip(enterCloud, '-6 route add fd77::/64 via fd99::1')
    ip(enter, 'route add default via 10.99.0.2')
    ip(enter, '-6 route add default via fd99::2')
    const serve = (where: readonly string[], port: string, text: string) =>
      servers.push(
        start([...where, process.execPath, join(import.meta.dirname, 'probe.mjs'), 'serve', port, text], '/dev/null'),
      )
    serve(enterCloud, '8080', 'cloud')
    serve(enter, '8080', 'host')
    serve(enter, '9443', 'backend')
    const options: DockerOptions = {
      host: bed.host,
      image: bed.image,
      socketsDir: bed.socketsDir,
      installation: 'hardening',
      reach: [`${host}:9443`],
      now: Date.now,
    }
    const provider = dockerProvider(options)
    for (const machine of [mine, theirs]) await provider.create({ ...testSpec, machine, size: 'free' })
    bed.docker('exec', '--detach', '--user', `${tools}:64303`, nameOf(theirs), 'node', probe, 'serve', '8080', 'theirs')
  }, 240_000)
  afterAll(async () => {
    for (const server of servers) await server.end()
    await bed?.stop()
    for (const line of cells) console.log(line)
  })

  test('the Conductor itself sees two users and a guarded network', async () => {
    const folder = bed.docker('volume', 'inspect', '--format', '{{.Mountpoint}}', nameOf(mine)).trim()
    // A path of a socket has to be short.
    const short = join(dirname(bed.socketsDir), 'volume')
    symlinkSync(folder, short)
    const dispatcher = overSocket(join(short, 'machine/local.sock'))
    const target = {
      origin: 'http://conductor',
      dispatcher,
      unreachable: 'machine_unreachable',
      now: Date.now,
    } as const
    const { isolation, network, memoryBytes } = await call(target, showStatus)
    await dispatcher.destroy()
    expect({ isolation, network }).toEqual({ isolation: 'uid', network: 'guarded' })
    const used = bed.docker('stats', '--no-stream', '--format', '{{.MemUsage}}', nameOf(mine))
    cell(
      'status',
      `isolation ${isolation}, network ${network}; idle: Conductor ${Math.round(memoryBytes / 2 ** 20)} MB, machine ${used}`,
    )
  })

  test('it reaches public addresses, and what it is let to', () => {
    const out = tried('connect', `${publicAddress}:8080`, `${host}:9443`)
    expect(out).toBe(`${publicAddress}:8080: answered cloud\n${host}:9443: answered backend\n`)
    cell('public', out)
  })

  test('it reaches neither private ranges, metadata, the host nor its neighbours', () => {
    const [address, gateway] = addressOf(theirs)
    const [, own] = addressOf(mine)
    const v4 = metadataAddresses.filter(one => !one.includes(':'))
    const cloud = [`${neighbour}:8080`, ...v4.map(one => `${one}:80`)]
    const others = {
      'private range and metadata': cloud,
      host: [`${host}:8080`, `${own}:8080`, `${gateway}:8080`],
      neighbour: [`${address}:8080`],
    }
    const all = Object.values(others).flat()
    // The control: each of them answers the host, and what is not guarded reaches the private ones.
    for (const line of lines(from(bed.network.enter, 'connect', ...all))) expect(line).toContain(': answered')
    const unguarded = bed.docker(
      'run',
      '--rm',
      '--entrypoint',
      'node',
      bed.image,
      probe,
      'connect',
      ...cloud,
      `${host}:8080`,
    )
    for (const line of lines(unguarded)) expect(line).toContain(': answered')
    for (const [column, targets] of Object.entries(others))
      for (const user of [tools, conductor]) {
        const out = inside(mine, user, 'node', probe, 'connect', ...targets)
        for (const line of lines(out)) expect(line, column).toMatch(refused)
        if (user === tools) cell(column, out)
      }
    // Datagrams too: the system's own name server would answer on the gateway.
    expect(tried('udp', own, '53')).toMatch(/udp: (EHOSTUNREACH|EACCES|silence)$/m)
  })

  test('nobody on the network of the host reaches it', () => {
    const [address] = addressOf(theirs)
    const out = from(bed.network.enterCloud, 'connect', `${address}:8080`)
    expect(out).toMatch(/: (silence|EHOSTUNREACH)$/m)
    cell('from outside', out)
  })

  test('it has no IPv6, and with one it would reach public addresses alone', () => {
    const six = [
      `[${hostV6}]:8080`,
      `[fd99::2]:8080`,
      ...metadataAddresses.filter(one => one.includes(':')).map(one => `[${one}]:80`),
    ]
    for (const line of lines(from(bed.network.enter, 'connect', ...six, `[${publicV6}]:8080`)))
      expect(line).toContain(': answered')
    const none = tried('connect', ...six, `[${publicV6}]:8080`)
    for (const line of lines(none)) expect(line).toMatch(refused)
    cell('IPv6', none)
    // As if Docker had given it one.
    const bridge = bed
      .docker('network', 'inspect', '--format', '{{index .Options "com.docker.network.bridge.name"}}', nameOf(mine))
      .trim()
    const [program = '', ...enter] = bed.network.enter
    const asHost = (words: string) => execFileSync(program, [...enter, 'sh', '-c', words])
    asHost(
      `sysctl -qw net.ipv6.conf.${bridge}.disable_ipv6=0 net.ipv6.conf.all.forwarding=1 && ip -6 address add fd77::1/64 dev ${bridge} nodad && ip -6 route add default via fd99::2 2>/dev/null || true`,
    )
    const pid = bed.docker('inspect', '--format', '{{.State.Pid}}', nameOf(mine)).trim()
    execFileSync('nsenter', [
      `--net=/proc/${pid}/ns/net`,
      'sh',
      '-c',
      'sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0 && ip -6 address add fd77::2/64 dev eth0 nodad && ip -6 route add default via fd77::1',
    ])
    expect(tried('connect', `[${publicV6}]:8080`)).toContain(': answered cloud')
    const given = tried('connect', ...six, '[fd77::1]:8080')
    for (const line of lines(given)) expect(line).toMatch(refused)
    cell('IPv6, were there one', given)
  })

  // How open it is in between depends on the moment at which the guard looks, so that only the end is looked at.
  test('rules that somebody flushes come again by themselves', async () => {
    const [program = '', ...enter] = bed.network.enter
    const table = ['nft', 'list', 'table', 'inet', 'spoq_machines_hardening']
    execFileSync(program, [...enter, 'nft', 'delete', 'table', 'inet', 'spoq_machines_hardening'])
    const isThere = () => {
      try {
        return execFileSync(program, [...enter, ...table], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        }).includes('chain away')
      } catch {
        return false
      }
    }
    await expect.poll(isThere, { timeout: 20_000 }).toBe(true)
    expect(tried('connect', `${host}:8080`)).toMatch(refused)
  })

  test('it writes nowhere but in its volume and in /tmp', () => {
    const files = [
      '/planted',
      '/usr/lib/spoq/planted',
      '/etc/planted',
      '/bin/planted',
      '/run/planted',
      '/proc/sys/kernel/core_pattern',
      '/sys/planted',
    ]
    for (const user of [0, tools, conductor]) {
      const out = inside(mine, user, 'node', probe, 'write', ...files)
      for (const line of lines(out)) expect(line, String(user)).toMatch(/: (EROFS|EACCES|EPERM|ENOENT)$/)
      cell(`write as ${user}`, out)
    }
    expect(tried('write', '/tmp/fine', '/var/lib/spoq/workspace/fine')).not.toMatch(/: E/)
  })

  test('nothing in it is root, has a capability, or gains one', () => {
    const pids = bed
      .docker('top', nameOf(mine), '-eo', 'pid')
      .split('\n')
      .slice(1)
      .map(pid => pid.trim())
      .filter(Boolean)
    expect(pids.length).toBeGreaterThan(2)
    for (const pid of pids) {
      const status = execFileSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' })
      expect(status).not.toMatch(/^Uid:.*\b0\b/m)
      expect(status).toMatch(/^CapPrm:\s0+$/m)
      expect(status).toMatch(/^CapEff:\s0+$/m)
      expect(status).toMatch(/^NoNewPrivs:\s1$/m)
      expect(status).toMatch(/^Seccomp:\s2$/m)
    }
    cell('processes', `${pids.length}, none root, no capability, no new privileges, seccomp`)
    const lined = (command: string) => inside(mine, tools, 'sh', '-c', `${command} 2>&1 || echo refused`).trim()
    // The control: the same program without the container's rule is root.
    const unguarded = ['run', '--rm', '--user', `${tools}:64303`, '--entrypoint', '/bin/as-root', bed.image, '--dump']
    expect(bed.docker(...unguarded)).toMatch(/^euid: 0$/m)
    for (const [column, command] of Object.entries({
      setuid: '/bin/as-root --dump | grep euid',
      'user namespace': 'unshare -U id -u',
      'mount namespace': 'unshare -m true',
      mount: 'mount -t tmpfs none /tmp',
      chroot: 'chroot / true',
      'raw socket': 'ping -c 1 -W 1 127.0.0.1',
      'make a device': 'mknod /tmp/disk b 8 0',
      'root by setpriv': 'setpriv --reuid=0 id -u',
    })) {
      const out = lined(command)
      if (column === 'setuid') expect(out).toBe(`euid: ${tools}`)
      else expect(out, column).toMatch(/refused$/)
      cell(column, out)
    }
  })

  test('it reaches neither sockets of other machines, nor from its tools its own', () => {
    const edge = '/run/spoq/edge.sock'
    const local = '/var/lib/spoq/machine/local.sock'
    expect(inside(mine, conductor, 'node', probe, 'connect', edge)).toContain('answered {"status":"ok"}')
    const out = tried('connect', edge, local, '/var/run/docker.sock', join(bed.socketsDir, theirs, 'edge.sock'))
    for (const line of lines(out)) expect(line).toMatch(/: (EACCES|ENOENT)$/)
    expect(inside(mine, conductor, 'ls', '/run/spoq').trim()).toBe('edge.sock')
    // On the host its folder is open to the Conductor's user alone, which is no other one's: root inside is kept out as well.
    expect(inside(mine, 0, 'sh', '-c', 'ls /run/spoq 2>&1 || true')).toMatch(/denied/i)
    cell('sockets', out)
  })

  test('it has no more processes, memory, processors and disk than its size', () => {
    const processes = tried('processes', '400')
    expect(processes).toMatch(/: \d+ ran, then EAGAIN/)
    expect(Number(/: (\d+) ran/.exec(processes)?.[1])).toBeLessThan(256)
    cell('processes', processes)

    expect(statusOf(() => tried('memory', '1024'))).toBe(137)
    expect(tried('memory', '128')).toContain('held')
    cell('memory', '1024 MB of 512: killed')

    const share = Number(/busy: (\d+)/.exec(tried('busy'))?.[1])
    expect(share).toBeLessThan(70)
    cell('processors', `two busy loops got ${share} % of one`)

    expect(tried('fill', '/tmp/large', '200')).toContain('ENOSPC')
    expect(tried('grow', '/var/lib/spoq/workspace/large', String(6 * 2 ** 30))).toMatch(/: (EFBIG|ENOSPC)/)
    const disk = bed.docker('volume', 'inspect', '--format', '{{index .Labels "dev.spoq.disk"}}', nameOf(mine)).trim()
    cell(
      'disk',
      `a file of 6 GB of 5: refused; the whole is ${disk === 'limited' ? 'limited' : 'labelled: this storage knows no limits'}`,
    )
    if (disk === 'limited')
      expect(() =>
        inside(mine, tools, 'sh', '-c', 'for i in 1 2 3; do dd if=/dev/zero of=workspace/$i bs=1M count=2000; done'),
      ).toThrow()
  })

  test('after all of that it still runs', () => {
    expect(bed.docker('inspect', '--format', '{{.State.Running}}', nameOf(mine)).trim()).toBe('true')
  })
})

function statusOf(act: () => unknown): number | null {
  try {
    act()
    return 0
  } catch (error) {
    return (error as { status: number | null }).status
  }
}

const lines = (text: string) => text.trim().split('\n')
