import { setTimeout as sleep } from 'node:timers/promises'
import { ProviderError, type Resource } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { told } from './list.ts'
import type { Hostinger } from './options.ts'
import { isWiped, machineOf, orderedOf, type Server, server } from './server.ts'

/** Looks at one server; null when there is none, or it is not ours. */
export async function status(hostinger: Hostinger, ref: string): Promise<Resource | null> {
  const found = await lookUp(hostinger, ref)
  return (found && (await told(hostinger, [found]))[0]) ?? null
}

/**
 * What was ordered a moment ago for a machine: it, or its name, may not be known everywhere yet. Null: it is over.
 * @throws ProviderError `retry` while it cannot be seen
 */
export async function ordered(hostinger: Hostinger, ref: string, machine: string): Promise<Resource | null> {
  const found = await lookUp(hostinger, ref)
  if (!found) throw new ProviderError('retry', 'Hostinger does not show yet what was ordered a moment ago.')
  if (found.state === 'destroyed' || isWiped(found, hostinger)) return null
  return machineOf(found, hostinger) ? ((await told(hostinger, [found]))[0] ?? null) : orderedOf(found, machine)
}

/** The server itself. */
export async function lookUp({ api }: Hostinger, ref: string): Promise<Server | null> {
  // Whatever else is asked for would be another path.
  if (!/^\d{1,16}$/.test(ref)) return null
  return unlessGone(api.ask(server, 'GET', `/api/vps/v1/virtual-machines/${ref}`))
}

/** A server of ours that is not over, once nothing else is being done with it. @throws ProviderError `gone`, `retry` */
export async function ours(hostinger: Hostinger, ref: string): Promise<Resource> {
  const { shutDownMs, pollMs } = hostinger.patience
  for (let waited = 0; ; waited += pollMs) {
    const found = await lookUp(hostinger, ref)
    const resource = found && (await told(hostinger, [found]))[0]
    if (!resource || resource.state === 'ending')
      throw new ProviderError('gone', 'Hostinger no longer has this server.')
    if (found.actions_lock !== 'locked') return resource
    if (waited >= shutDownMs)
      throw new ProviderError('retry', 'Hostinger is busy with something else on this server.', { undone: true })
    await sleep(pollMs)
  }
}
