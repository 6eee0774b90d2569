import * as z from 'zod/mini'
import { ProviderError } from '../provider.ts'
import { lookUntil, workTime } from '../shared/wait.ts'
import type { Hetzner } from './options.ts'
import { resume } from './resume.ts'
import { ours } from './status.ts'
import { suspend } from './suspend.ts'

const action = z.object({ action: z.object({ id: z.number(), status: z.string() }) })

/** Changes the server's type with its disk: there is no way back to a smaller one. It is off meanwhile. */
export async function resize(hetzner: Hetzner, ref: string, size: string): Promise<void> {
  const { status, server_type } = await ours(hetzner, ref)
  if (server_type.name === size) return
  if (status !== 'off') await suspend(hetzner, ref)
  const body = { server_type: size, upgrade_disk: true }
  try {
    const begun = await hetzner.api.ask(action, 'POST', `/servers/${ref}/actions/change_type`, { body })
    await done(hetzner, begun.action)
  } finally {
    if (status === 'running') await resume(hetzner, ref)
  }
}

/** @throws ProviderError `retry` when it fails or takes too long */
async function done(hetzner: Hetzner, begun: { id: number; status: string }): Promise<void> {
  const look = async () => (await hetzner.api.ask(action, 'GET', `/actions/${begun.id}`)).action.status
  const status = await lookUntil(workTime(hetzner), look, now => now !== 'running')
  if (status !== 'success') throw new ProviderError('retry', 'Hetzner could not change the size.')
}
