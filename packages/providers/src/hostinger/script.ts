// Set-up scripts: Hostinger keeps them by themselves, for the whole account, and runs one after an installation.

import * as z from 'zod/mini'
import { unlessGone } from '../shared/gone.ts'
import { everyPage } from '../shared/pages.ts'
import type { Hostinger } from './options.ts'
import { hostnameOf } from './server.ts'

/** It says 48 KB; this is so in either sense of it. */
export const mostScriptBytes = 48_000

const path = '/api/vps/v1/post-install-scripts'
const script = z.object({ id: z.number(), name: z.string() })
const page = z.object({
  data: z.array(script),
  meta: z.object({ current_page: z.number(), per_page: z.number(), total: z.number() }),
})

/** Keeps a machine's script, in the place of the one that is there; answers its id. */
export async function keepScript(hostinger: Hostinger, machine: string, content: string): Promise<number> {
  const { api } = hostinger
  const body = { name: hostnameOf(machine, hostinger), content }
  const [before] = await scriptsOf(hostinger, machine)
  return (await api.ask(script, before ? 'PUT' : 'POST', before ? `${path}/${before.id}` : path, { body })).id
}

/** A lost answer may have left several. */
export async function removeScript(hostinger: Hostinger, machine: string): Promise<void> {
  for (const { id } of await scriptsOf(hostinger, machine))
    await unlessGone(hostinger.api.tell('DELETE', `${path}/${id}`))
}

async function scriptsOf(hostinger: Hostinger, machine: string) {
  const all = await everyPage(1, async number => {
    const { data, meta } = await hostinger.api.ask(page, 'GET', path, { query: { page: number } })
    return { items: data, next: meta.current_page * meta.per_page < meta.total ? number + 1 : null }
  })
  return all.filter(({ name }) => name === hostnameOf(machine, hostinger))
}
