// A cloud and computers around it, each in a network namespace of its own with a cable to the cloud and to nobody else. The
// cloud passes nothing on: whoever wants to reach another computer has to come by one of its gateways.

import { execFileSync } from 'node:child_process'

export interface Place {
  /** Before a command, to run it there. */
  enter: string[]
  /** Of its end of the cable. */
  address: string
}

export interface Apart<Name extends string> {
  cloud: Place
  places: Record<Name, Place>
  remove: () => void
}

/** `addresses`: of the cloud's own, which all can reach. */
export function makeApart<Name extends string>(names: readonly Name[], addresses: readonly string[]): Apart<Name> {
  const run = (...words: string[]) => execFileSync('ip', words, { stdio: 'pipe' })
  const made: string[] = []
  const remove = () => {
    for (const name of made.splice(0)) run('netns', 'delete', name)
  }
  const namespace = (name: string) => {
    const full = `spoq-${name}-${process.pid}`
    run('netns', 'add', full)
    made.push(full)
    run('-netns', full, 'link', 'set', 'lo', 'up')
    return full
  }
  const place = (name: string, address: string): Place => ({ enter: ['nsenter', `--net=/run/netns/${name}`], address })
  try {
    const cloud = namespace('cloud')
    for (const address of addresses) run('-netns', cloud, 'address', 'add', `${address}/32`, 'dev', 'lo')
    const off = 'sysctl -q -w net.ipv4.ip_forward=0'
    execFileSync('nsenter', [`--net=/run/netns/${cloud}`, ...off.split(' ')], { stdio: 'pipe' })
    const cabled = names.map((name, at): [Name, Place] => {
      const [own, theirs] = [namespace(name), `10.97.${at + 1}`]
      run('-netns', own, 'link', 'add', 'out', 'type', 'veth', 'peer', 'name', name, 'netns', cloud)
      for (const [where, device, end] of [[cloud, name, 1] as const, [own, 'out', 2] as const]) {
        run('-netns', where, 'address', 'add', `${theirs}.${end}/30`, 'dev', device)
        run('-netns', where, 'link', 'set', device, 'up')
      }
      run('-netns', own, 'route', 'add', 'default', 'via', `${theirs}.1`)
      return [name, place(own, `${theirs}.2`)]
    })
    return { cloud: place(cloud, '127.0.0.1'), places: Object.fromEntries(cabled) as Record<Name, Place>, remove }
  } catch (error) {
    remove()
    throw error
  }
}
