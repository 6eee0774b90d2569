// Two network namespaces: a server, and the rest of the world, where the backend and its clients are. Nothing of it touches
// the network of the computer that the test runs on.

import { execFileSync } from 'node:child_process'

interface Side {
  /** Before a command, to run it there. */
  enter: string[]
  path: string
  address: string
}

export interface Net {
  server: Side
  cloud: Side
  remove: () => void
}

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
  return {
    server: side(server, 'host0', '10.98.0.1'),
    cloud: side(cloud, 'server0', '10.98.0.2'),
    remove: () => {
      for (const each of [server, cloud]) run('netns', 'delete', each)
    },
  }
}
