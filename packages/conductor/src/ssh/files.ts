// The machine's own folder of SSH: its host key, whom it trusts, and the configuration of its sshd.

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { commandsFor } from './commands.ts'

export interface SshFiles {
  /** The sshd's configuration. */
  config: string
  /** `type base64` */
  hostKey: string
  /** Whether any gateway is trusted. */
  isTrusting(): boolean
  trust(authorities: readonly string[]): void
}

/** Makes what is missing; the host key stays for good. */
export function sshFiles(folder: string, machine: string, user: string): SshFiles {
  const path = (name: string) => join(folder, 'ssh', name)
  mkdirSync(join(folder, 'ssh'), { recursive: true, mode: 0o700 })
  if (!existsSync(path('host_key.pub'))) {
    const key = keyPairOf(randomBytes(32), machine)
    write(path('host_key'), key.private)
    write(path('host_key.pub'), `${key.public}\n`)
  }
  write(path('principals'), `${machine}\n`)
  if (!existsSync(path('authorities'))) write(path('authorities'), '')
  const environment = commandsFor({ path, folder, write })
  write(path('config'), configOf(path, user, environment))
  return {
    config: path('config'),
    hostKey: readFileSync(path('host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' '),
    isTrusting: () => readFileSync(path('authorities'), 'utf8').length > 0,
    trust: authorities => write(path('authorities'), authorities.map(line => `${line}\n`).join('')),
  }
}

/** A certificate of a gateway that names this machine, and nothing else, lets in; and as one user alone. */
function configOf(path: (name: string) => string, user: string, environment: Record<string, string>): string {
  return [
    `HostKey "${path('host_key')}"`,
    `TrustedUserCAKeys "${path('authorities')}"`,
    `AuthorizedPrincipalsFile "${path('principals')}"`,
    `AllowUsers ${user}`,
    'AuthenticationMethods publickey',
    'AuthorizedKeysFile none',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    // The folder is this user's alone, whatever stands above it.
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PermitUserEnvironment no',
    // One line: the first alone counts.
    `SetEnv ${Object.entries(environment)
      .map(([name, value]) => `"${name}=${value}"`)
      .join(' ')}`,
    'LoginGraceTime 20',
    'MaxAuthTries 2',
    'MaxSessions 64',
    'ClientAliveInterval 30',
    'ClientAliveCountMax 4',
    'UseDNS no',
    'PrintMotd no',
    'AcceptEnv LANG LC_* COLORTERM NO_COLOR',
    // It knows no address of anybody's, and takes a line of a small screen.
    'PrintLastLog no',
    'PidFile none',
    'LogLevel ERROR',
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n')
}

/** Whole or not at all. */
function write(path: string, text: string, mode = 0o600): void {
  const fresh = `${path}.new`
  writeFileSync(fresh, text, { mode })
  renameSync(fresh, path)
}
