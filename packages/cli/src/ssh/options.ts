import type { SshGateway } from '@spoq/contracts/ssh'

/** A line of ssh's configuration: its word and its value. */
export type Option = readonly [word: string, value: string]

interface Known {
  gateway: SshGateway
  /** The file with its host keys. */
  knownHosts: string
  user: string
}

/** The name under which the gateway's keys stand in our own file, wherever it is. */
export const keyAlias = 'spoq-gateway'

/** Where to, as whom, and that nobody is believed but those whom the server named: neither a question nor another file adds one. */
export function optionsFor({ gateway, knownHosts, user }: Known): Option[] {
  return [
    ['HostName', gateway.host],
    ['Port', String(gateway.port)],
    ['User', user],
    ['HostKeyAlias', keyAlias],
    ['UserKnownHostsFile', quoted(knownHosts)],
    ['GlobalKnownHostsFile', '/dev/null'],
    ['StrictHostKeyChecking', 'yes'],
    ['VerifyHostKeyDNS', 'no'],
    ['UpdateHostKeys', 'no'],
    ['CheckHostIP', 'no'],
    // The gateway would else ask who has no key it knows to be let in by a browser; `spoq device add` is the way here.
    ['PreferredAuthentications', 'publickey'],
  ]
}

/** As arguments of ssh, scp and sftp; what stands there comes before all configuration. */
export const asArguments = (options: readonly Option[]): string[] =>
  options.flatMap(([word, value]) => ['-o', `${word}=${value}`])

/** A path as ssh's configuration takes it: there a space parts two files, and % stands for something else. */
export const quoted = (path: string) => `"${path.replaceAll('\\', '/').replaceAll('%', '%%')}"`
