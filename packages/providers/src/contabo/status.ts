import { ProviderError, type Resource } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { type Instance, instance, oneOf, resourceOf } from './instance.ts'
import type { Contabo } from './options.ts'

/** Looks at one server; null when there is none, or it is not ours. */
export async function status(contabo: Contabo, ref: string): Promise<Resource | null> {
  const found = await lookUp(contabo, ref)
  return found && resourceOf(found, contabo)
}

/** The server itself. */
export async function lookUp({ api }: Contabo, ref: string): Promise<Instance | null> {
  // Whatever else is asked for would be another path.
  if (!/^\d{1,16}$/.test(ref)) return null
  return (await unlessGone(api.ask(oneOf(instance), 'GET', `/v1/compute/instances/${ref}`)))?.data[0] ?? null
}

/** A server of ours that is not over. @throws ProviderError `gone` */
export async function ours(contabo: Contabo, ref: string): Promise<Resource> {
  const found = await status(contabo, ref)
  if (found && found.state !== 'ending') return found
  throw new ProviderError('gone', 'Contabo no longer has this server.')
}
