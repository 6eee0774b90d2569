// Two network namespaces: a computer, and behind it a cloud with a metadata service and a model. Nothing of it touches
// the network of the computer that the test runs on.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { metadataAddresses } from '@spoq/kit/sandbox'

export interface Network {
  /** Before a command, to run it in the computer's namespace. */
  enter: string[]
  /** The same for the cloud. */
  enterCloud: string[]
  /** The namespace of the computer, for programs that want its path. */
  path: string
  /** The model's address, as the computer and its containers reach it. */
  modelUrl: string
  stop: () => Promise<void>
}

export async function startNetwork(): Promise<Network> {
  const name = `spoq-iso-${process.pid}`
  const cloud = `${name}-cloud`
  const run = (...words: string[]) => execFileSync(words[0] as string, words.slice(1), { stdio: 'pipe' })
  const ip = (where: string, ...words: string[]) => run('ip', '-netns', where, ...words)
  const remove = () => {
    for (const each of [name, cloud]) execFileSync('ip', ['netns', 'delete', each], { stdio: 'pipe' })
  }
  for (const each of [name, cloud]) {
    run('ip', 'netns', 'add', each)
    ip(each, 'link', 'set', 'lo', 'up')
  }
  ip(name, 'link', 'add', 'cloud0', 'type', 'veth', 'peer', 'name', 'computer0', 'netns', cloud)
  ip(name, 'address', 'add', '10.99.0.1/24', 'dev', 'cloud0')
  ip(cloud, 'address', 'add', '10.99.0.2/24', 'dev', 'computer0')
  ip(name, '-6', 'address', 'add', 'fd99::1/64', 'dev', 'cloud0', 'nodad')
  ip(cloud, '-6', 'address', 'add', 'fd99::2/64', 'dev', 'computer0', 'nodad')
  ip(name, 'link', 'set', 'cloud0', 'up')
  ip(cloud, 'link', 'set', 'computer0', 'up')
  for (const address of metadataAddresses) {
    const six = address.includes(':')
    ip(cloud, ...(six ? ['-6'] : []), 'address', 'add', `${address}/${six ? 128 : 32}`, 'dev', 'lo')
    ip(name, ...(six ? ['-6'] : []), 'route', 'add', address, 'via', six ? 'fd99::2' : '10.99.0.2')
  }
  const outside = spawn(
    'nsenter',
    [`--net=/run/netns/${cloud}`, process.execPath, join(import.meta.dirname, 'cloud.ts'), '10.99.0.2'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const early = once(outside, 'exit').then(() => Promise.reject(new Error('the cloud did not start')))
  early.catch(() => undefined)
  const [line] = await Promise.race([once(outside.stdout, 'data'), early]).catch(error => {
    remove()
    throw error
  })
  return {
    enter: ['nsenter', `--net=/run/netns/${name}`],
    enterCloud: ['nsenter', `--net=/run/netns/${cloud}`],
    path: `/run/netns/${name}`,
    modelUrl: String(line).trim(),
    stop: async () => {
      outside.kill()
      await once(outside, 'exit')
      remove()
    },
  }
}
