// What a server is, once we are in: whether it can become a machine. Nothing is changed there.

import type { SshConnection } from '@spoq/kit/ssh-job'
import { textOf } from '@spoq/kit/ssh-job'

export interface Looks {
  system: string
  /** Why it cannot become a machine; null when it can. */
  reason: string | null
}

const script = [
  '. /etc/os-release 2>/dev/null; echo "system $ID $VERSION_ID"',
  'echo "user $(id -u)"',
  '[ -d /run/systemd/system ] && echo "systemd yes"',
  'echo "machine $(head -n 1 /etc/spoq/machine 2>/dev/null)"',
  `[ -e /etc/spoq/machine ] || echo "machine $(sed -n 's/.*"machine":"\\(mach_[a-z0-9]*\\)".*/\\1/p' /etc/spoq/vps.marker 2>/dev/null)"`,
  '[ -e /etc/caddy/Caddyfile ] && echo "caddy yes"; id spoq >/dev/null 2>&1 && echo "spoq yes"',
  'echo "free $(df -Pm /var | awk \'NR == 2 { print $4 }\')"',
  'for p in 0050 01BB; do cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -qE "^ *[0-9]+: [0-9A-F]+:$p [0-9A-F:]+ 0A " && echo "taken $((0x$p))"; done; :',
].join('\n')

const systems = ['debian 12', 'debian 13', 'ubuntu 22.04', 'ubuntu 24.04', 'ubuntu 26.04']
const leastMb = 1_000

/** @throws SshFailed `away`. */
export async function look(connection: SshConnection): Promise<Looks> {
  const { text } = await textOf(await connection.exec(script))
  const said = new Map(text.split('\n').map(line => [line.split(' ', 1)[0] ?? '', line.replace(/^\S* ?/, '').trim()]))
  const system = (said.get('system') ?? '').replace(/[^\w .-]/g, '').slice(0, 60)
  return { system, reason: text.includes('user ') ? reasonOf(said, system) : notRoot }
}

const notRoot =
  'The user cannot become root without a password: give another one with --user, or let it in /etc/sudoers.d.'

function reasonOf(said: ReadonlyMap<string, string>, system: string): string | null {
  const machine = said.get('machine')?.split(' ', 1)[0]
  const taken = said.get('taken')
  if (said.get('user') !== '0') return notRoot
  if (!systems.includes(system))
    return `It runs ${system || 'an unknown system'}; Debian 12 or an Ubuntu LTS is needed.`
  if (!said.has('systemd')) return 'systemd does not run there.'
  if (machine)
    return `It is the machine ${machine} already. If that one is over, run there: sudo sh /etc/spoq/remove.sh`
  if (said.has('caddy')) return 'Caddy is there already, with a configuration of its own; a machine needs it for https.'
  if (said.has('spoq')) return 'There is a user spoq already.'
  if (taken) return `Port ${taken} is taken there: a machine needs 80 and 443 for https.`
  if (Number(said.get('free')) < leastMb)
    return `Its disk is full: ${said.get('free')} MB are free, ${leastMb} are needed.`
  return null
}
