// A machine of its own under systemd, with the unit that is shipped: an overlay of this computer's own root in nspawn.

import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { metadataAddresses } from '@spoq/kit/sandbox'
import { start, until } from '../docker/engine.ts'
import { passwd } from '../docker/image.ts'
import type { Network } from './network.ts'
import type { Row } from './row.ts'
import { makeMachine, type Stage, users } from './stage.ts'

export async function startSystemd(stage: Stage, network: Network): Promise<Row> {
  const place = join(stage.folder, 'systemd')
  const [layers, root] = [join(place, 'layers'), join(place, 'root')]
  for (const folder of [layers, root]) mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', layers])
  for (const folder of ['upper', 'work']) mkdirSync(join(layers, folder))
  const options = `lowerdir=/,upperdir=${layers}/upper,workdir=${layers}/work`
  execFileSync('mount', ['-t', 'overlay', '-o', options, 'overlay', root])
  const unmount = () => {
    for (const folder of [root, layers]) execFileSync('umount', ['--lazy', folder])
  }
  try {
    setUp(stage, network, root)
    control(stage, network)
    const words = [
      ...[
        'systemd-nspawn',
        '--quiet',
        '--boot',
        '--register=no',
        '--keep-unit',
        '--machine=spoq-iso',
        `--directory=${root}`,
      ],
      ...[`--network-namespace-path=${network.path}`, '--resolv-conf=off', '--timezone=off', '--console=pipe'],
      // The one unit with what it needs, not all that this computer has.
      ...['--', 'systemd.unit=spoq-conductor.service', 'systemd.show_status=no'],
    ]
    const machine = start(words, join(place, 'log'))
    const outside = join(root, 'var/lib/spoq/machine')
    const stop = async () => {
      await machine.end()
      unmount()
      execFileSync(network.enter[0] as string, [...network.enter.slice(1), 'nft', 'flush', 'ruleset'])
    }
    await until(() => existsSync(join(outside, 'local.sock')), machine, 'local socket').catch(async error => {
      machine.child.kill('SIGKILL')
      throw error
    })
    return { name: 'systemd', outside, inside: '/var/lib/spoq/machine', isolation: 'uid', network: 'guarded', stop }
  } catch (error) {
    unmount()
    throw error
  }
}

/** The Conductor's own user gets an answer from where the tools' user does not. */
function control(stage: Stage, { enter }: Network): void {
  const as = ['setpriv', `--reuid=${users.conductor}`, `--regid=${users.group}`, '--clear-groups']
  const fetch = [join(stage.programs, 'node'), join(stage.folder, 'attempt.mjs'), 'fetch', ...metadataAddresses]
  const [program = '', ...rest] = [...enter, ...as, ...fetch]
  const answered = execFileSync(program, rest, { encoding: 'utf8' })
  if (answered.split('planted metadata').length - 1 !== metadataAddresses.length)
    throw new Error(`the metadata service does not answer: ${answered}`)
}

/** What the set-up of a server does: users, programs, folders, the unit, and the rules for the tools' user. */
function setUp(stage: Stage, network: Network, root: string): void {
  const [, spoq, tools] = passwd().split('\n')
  appendFileSync(join(root, 'etc/passwd'), `${spoq}\n${tools}\n`)
  appendFileSync(join(root, 'etc/group'), `spoq-work:x:${users.group}:\n`)
  cpSync(join(stage.folder, 'hosts'), join(root, 'etc/hosts'))
  cpSync(stage.programs, join(root, 'usr/lib/spoq/conductor'), { recursive: true })
  cpSync(join(stage.programs, 'node'), join(root, 'usr/lib/spoq/bin/node'))
  makeMachine(join(root, 'var/lib/spoq'), network.modelUrl, true)
  cpSync(join(stage.programs, 'spoq-conductor.service'), join(root, 'etc/systemd/system/spoq-conductor.service'))
  mkdirSync(join(root, 'etc/systemd/system/multi-user.target.wants'), { recursive: true })
  symlinkSync('/dev/null', join(root, 'etc/systemd/system/nftables.service'))
  execFileSync(network.enter[0] as string, [
    ...network.enter.slice(1),
    ...['nft', '--define', `tools=${users.tools}`, '--file', join(stage.programs, 'metadata.nft')],
  ])
}
