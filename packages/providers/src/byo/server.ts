// One connection to a server, and what is asked there.

import { isIP } from 'node:net'
import { quoted } from '@spoq/kit/shell-word'
import { connect, type SshConnection, SshFailed, textOf } from '@spoq/kit/ssh-job'
import { ProviderError, type Resource } from '../provider.ts'
import { readMarker } from './marker.ts'
import type { Byo } from './options.ts'

export interface Server {
  ssh: SshConnection
  addresses: NonNullable<Resource['addresses']>
}

/** Works on a server. @throws ProviderError for whatever goes wrong with SSH. */
export async function onServer<T>({ connections }: Byo, ref: string, work: (server: Server) => Promise<T>): Promise<T> {
  const target = await connections.target(ref)
  try {
    using ssh = await connect(target)
    const family = isIP(target.host)
    return await work({ ssh, addresses: family === 6 ? { v6: target.host } : family === 4 ? { v4: target.host } : {} })
  } catch (error) {
    throw error instanceof SshFailed ? faultOf(error) : error
  }
}

/** A server that is away says nothing of what is on it: that may pass. */
export function faultOf(error: SshFailed): ProviderError {
  const passes = error.kind === 'away' || error.kind === 'lost'
  return new ProviderError(passes ? 'retry' : 'refused', error.message, { cause: error, undone: error.kind !== 'away' })
}

/** Runs a script on it with `f` for our folder there; its output. @throws ProviderError, SshFailed */
export async function ask({ folder }: Byo, { ssh }: Server, lines: string[], input = ''): Promise<string> {
  const { status, text } = await textOf(await ssh.exec([`f=${quoted(folder)}`, ...lines].join('\n')), input)
  if (status === 0) return text
  throw new ProviderError('refused', text.trim().split('\n').at(-1) || notRoot)
}

const notRoot = 'The server does not do what is asked: may its user still become root without a password?'

/** Unit that a set-up puts there. */
export const unit = '/etc/systemd/system/spoq-conductor.service'

/** What stands on the server: the marker's line, and whether the machine was stopped. */
export async function lookAt(byo: Byo, server: Server): Promise<{ marker: string; isStopped: boolean }> {
  const text = await ask(byo, server, [
    'echo "marker $(head -n 1 "$f/machine" 2>/dev/null)"',
    // What runs though it was stopped is to be stopped again.
    `if [ -e "$f/stopped" ] && ! { [ -e ${unit} ] && systemctl is-active --quiet spoq-conductor; }; then echo stopped; fi`,
  ])
  const [first = '', second] = text.split('\n')
  return { marker: first.replace(/^marker /, ''), isStopped: second === 'stopped' }
}

/** What the server is to us; null when its marker is not that of this machine. */
export async function resourceOn(byo: Byo, server: Server, ref: string, machine: string): Promise<Resource | null> {
  const { marker, isStopped } = await lookAt(byo, server)
  const found = readMarker(marker)
  const isOurs = found?.machine === machine && found.installation === byo.installation
  if (!isOurs) byo.seen.delete(ref)
  if (!isOurs) return null
  const state = isStopped ? 'stopped' : 'running'
  const resource: Resource = { ref, machine, state, endpoint: null, addresses: server.addresses }
  byo.seen.set(ref, resource)
  return resource
}
