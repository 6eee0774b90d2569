// Two network namespaces: a server, and the rest of the world, where the backend and its clients are. Nothing of it touches
// the network of the computer that the test runs on.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'

interface Side {
  /** Before a command, to run it there. */
  enter: string[]
  path: string
  address: string
}

export interface Net {
  server: Side
  cloud: Side
  /** Has a port of the server's own address lead to the same port of the world. */
  relay: (port: number) => void
  remove: () => void
}

const relay = `const net = require('net')
net.createServer(a => { const b = net.connect(+process.argv[1], process.argv[2]); a.pipe(b).pipe(a)
  for (const [x, y] of [[a, b], [b, a]]) x.on('error', () => y.destroy()) }).listen(+process.argv[1], '127.0.0.1')`

export function makeNet(): Net {
  const [server, cloud] = [`spoq-vps-${process.pid}`, `spoq-world-${process.pid}`]
  const run = (...words: string[]) => execFileSync('ip', words, { stdio: 'pipe' })
  for (const each of [server, cloud]) {
    run('netns', 'add', each)
    run('-netns', each, 'link', 'set', 'lo', 'up')
  }
  run('-netns', server, 'link', 'add', 'host0', 'type', 'veth', 'peer', 'name', 'server0', 'netns', cloud)
  const side = (name: string, device: string, address: string): Side => {
    run('-netns', name, 'address', 'add', `${address}/24`, 'dev', device)
    run('-netns', name, 'link', 'set', device, 'up')
    return { enter: ['nsenter', `--net=/run/netns/${name}`], path: `/run/netns/${name}`, address }
  }
  const relays: ChildProcess[] = []
  const sides = {
    server: side(server, 'host0', '10.98.0.1'),
    cloud: side(cloud, 'server0', '10.98.0.2'),
  }
  return {
    ...sides,
    relay: port => {
      const [program = '', ...words] = sides.server.enter
      const args = [...words, process.execPath, '-e', relay, String(port), sides.cloud.address]
      relays.push(spawn(program, args, { stdio: 'ignore' }))
    },
    remove: () => {
      for (const each of relays) each.kill('SIGKILL')
      for (const each of [server, cloud]) run('netns', 'delete', each)
    },
  }
}
