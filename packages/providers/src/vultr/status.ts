import * as z from 'zod/mini'
import { ProviderError, type Resource } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { lookUntil, workTime } from '../shared/wait.ts'
import { type Instance, instance, resourceOf } from './instance.ts'
import type { Vultr } from './options.ts'

/** Looks at one instance; null when there is none, or it is not ours. */
export async function status(vultr: Vultr, ref: string): Promise<Resource | null> {
  const found = await lookUp(vultr, ref)
  return found && resourceOf(found, vultr)
}

/** The instance itself. */
export async function lookUp({ api }: Vultr, ref: string): Promise<Instance | null> {
  // Whatever else is asked for would be another path.
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(ref)) return null
  return (await unlessGone(api.ask(z.object({ instance }), 'GET', `/instances/${ref}`)))?.instance ?? null
}

/** An instance of ours, with what it is to us. @throws ProviderError `gone` */
export async function ours(vultr: Vultr, ref: string): Promise<{ found: Instance; resource: Resource }> {
  const found = await lookUp(vultr, ref)
  const resource = found && resourceOf(found, vultr)
  if (found && resource) return { found, resource }
  throw new ProviderError('gone', 'Vultr no longer has this instance.')
}

/** The same, once nothing is being done to it. @throws ProviderError `gone`; `retry` when it takes too long */
export async function atRest(vultr: Vultr, ref: string): ReturnType<typeof ours> {
  const now = await lookUntil(
    workTime(vultr),
    () => ours(vultr, ref),
    ({ resource }) => resource.state !== 'creating',
  )
  if (now.resource.state !== 'creating') return now
  throw new ProviderError('retry', 'Vultr is still at work on the instance.')
}
