import * as z from 'zod/mini'
import { ProviderError, type Resource } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import type { Hetzner } from './options.ts'
import { resourceOf, type Server, server } from './server.ts'

/** Looks at one server; null when there is none, or it is not ours. */
export async function status(hetzner: Hetzner, ref: string): Promise<Resource | null> {
  const found = await lookUp(hetzner, ref)
  return found && resourceOf(found, hetzner)
}

/** The server itself. */
export async function lookUp({ api }: Hetzner, ref: string): Promise<Server | null> {
  // Whatever else is asked for would be another path.
  if (!/^\d{1,16}$/.test(ref)) return null
  return (await unlessGone(api.ask(z.object({ server }), 'GET', `/servers/${ref}`)))?.server ?? null
}

/** A server of ours. @throws ProviderError `gone` */
export async function ours(hetzner: Hetzner, ref: string): Promise<Server> {
  const found = await lookUp(hetzner, ref)
  if (found && resourceOf(found, hetzner)) return found
  throw new ProviderError('gone', 'Hetzner no longer has this server.')
}
