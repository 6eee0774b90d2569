// What OpenSSH says when it fails, in our words.

import { SpoqError } from '@spoq/contracts/problem'

/**
 * Why ssh itself failed, by what it wrote; null when it said nothing, as when a command there ended with 255.
 * @param machine its name
 */
export function failureOf(said: string, machine: string): SpoqError | null {
  const lines = said
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('debug'))
  const [, port] = /bind \[?[\w.:]+\]?:(\d+): Address already in use/.exec(said) ?? []
  if (port) return new SpoqError('port_taken', { message: `Port ${port} of this computer is taken.`, next: other })
  if (/Permission denied \(|Too many authentication failures|You may no longer be here/.test(said))
    return new SpoqError('ssh_refused')
  const [, told] = /^Received disconnect from .*?:\d+: (.+)$/m.exec(said) ?? []
  if (told) return new SpoqError('machine_unreachable', { message: told.trim(), next: nextFor(machine) })
  if (/Host key verification failed|HOST IDENTIFICATION HAS CHANGED/.test(said)) return new SpoqError('ssh_host_key')
  const away = lines.findLast(line => unreachable.test(line))
  if (away) return new SpoqError('ssh_unreachable', { message: `The SSH gateway does not answer: ${away}` })
  const last = lines.at(-1)
  return last ? new SpoqError('ssh_failed', { message: `SSH did not work: ${last}` }) : null
}

const other = 'Choose another: spoq forward PORT:localhost:PORT-THERE'

const nextFor = (machine: string) => `See spoq status; spoq machine start ${machine} starts it where it is stopped.`

const unreachable =
  /Could not resolve hostname|Connection (?:refused|timed out|reset|closed)|No route to host|Network is unreachable|kex_exchange_identification|Operation timed out|Timeout, server|Broken pipe/
