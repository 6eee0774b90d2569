import * as z from 'zod/mini'
import { ProviderError, type Resource } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { type Droplet, droplet, resourceOf } from './droplet.ts'
import type { DigitalOcean } from './options.ts'

/** Looks at one droplet; null when there is none, or it is not ours. */
export async function status(cloud: DigitalOcean, ref: string): Promise<Resource | null> {
  const found = await lookUp(cloud, ref)
  return found && resourceOf(found, cloud)
}

/** The droplet itself. */
export async function lookUp({ api }: DigitalOcean, ref: string): Promise<Droplet | null> {
  // Whatever else is asked for would be another path.
  if (!/^[1-9]\d{0,15}$/.test(ref)) return null
  return (await unlessGone(api.ask(z.object({ droplet }), 'GET', `/v2/droplets/${ref}`)))?.droplet ?? null
}

/** A droplet of ours. @throws ProviderError `gone` */
export async function ours(cloud: DigitalOcean, ref: string): Promise<Droplet> {
  const found = await lookUp(cloud, ref)
  if (found && resourceOf(found, cloud)) return found
  throw new ProviderError('gone', 'DigitalOcean no longer has this droplet.')
}
