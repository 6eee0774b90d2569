// What is done to a droplet is an action, one at a time: another one before it has ended is refused. `locked` says
// nothing of them (it is for DigitalOcean's own people), so the droplet's actions are asked for.

import * as z from 'zod/mini'
import { ProviderError } from '../provider.ts'
import { lookUntil, workTime } from '../shared/wait.ts'
import type { Droplet } from './droplet.ts'
import type { DigitalOcean } from './options.ts'
import { links, pages } from './pages.ts'
import { ours } from './status.ts'

const action = z.object({ id: z.number(), type: z.string(), status: z.string() })
type Action = z.infer<typeof action>

/** What can be done to a droplet. */
type Wanted =
  | { type: 'power_on' | 'power_off' | 'shutdown' | 'password_reset' }
  | { type: 'resize'; size: string; disk: true }
  | { type: 'rebuild'; image: number }
  | { type: 'snapshot'; name: string }

/** Begins an action. */
export async function act({ api }: DigitalOcean, ref: string, body: Wanted): Promise<Action> {
  return (await api.ask(z.object({ action }), 'POST', `/v2/droplets/${ref}/actions`, { body })).action
}

/** Begins an action and waits for its end. @throws ProviderError `retry` when it fails or takes too long */
export async function actToTheEnd(cloud: DigitalOcean, ref: string, body: Wanted): Promise<void> {
  const { id } = await act(cloud, ref, body)
  await waited(cloud, async () => !(await pending(cloud, ref)).some(one => one.id === id))
  const path = `/v2/droplets/${ref}/actions/${id}`
  const ended = (await cloud.api.ask(z.object({ action }), 'GET', path)).action
  if (ended.status !== 'completed') throw new ProviderError('retry', `DigitalOcean could not do it (${body.type}).`)
}

/** A droplet of ours, once nothing is being done to it. @throws ProviderError `gone`; `retry` when it takes too long */
export async function atRest(cloud: DigitalOcean, ref: string): Promise<Droplet> {
  await ours(cloud, ref)
  await waited(cloud, async () => (await pending(cloud, ref)).length === 0)
  return ours(cloud, ref)
}

/** What is being done to a droplet. */
export async function pending(cloud: DigitalOcean, ref: string): Promise<Action[]> {
  const shape = z.object({ actions: z.array(action), links })
  const all = await pages(cloud, `/v2/droplets/${ref}/actions`, shape, ({ actions }) => actions)
  return all.filter(one => one.status === 'in-progress')
}

/** Waits until it is so; far longer than a system is given to end, because an action that asks it to is one of them. */
export async function waited(cloud: DigitalOcean, isSo: () => Promise<boolean>): Promise<void> {
  if (!(await lookUntil(workTime(cloud), isSo, Boolean)))
    throw new ProviderError('retry', 'DigitalOcean is still at work on the droplet.')
}
