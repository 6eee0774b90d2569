import * as z from 'zod/mini'
import { type MachineSpec, ProviderError, type Resource } from '../provider.ts'
import { fits } from '../shared/set-up-script.ts'
import type { Hostinger } from './options.ts'
import { keepScript, mostScriptBytes, removeScript } from './script.ts'
import { hostnameOf, orderedOf, server } from './server.ts'
import { templateId } from './template.ts'

const answered = z.object({
  order: z.nullish(z.object({ status: z.nullish(z.string()) })),
  virtual_machine: z.nullish(server),
})

/** Buys a server: it is charged at once. */
export async function order(hostinger: Hostinger, spec: MachineSpec): Promise<Resource> {
  const { machine, region, size, setUpScript } = spec
  if (size === undefined || !/^\d+$/.test(region ?? ''))
    throw new ProviderError('refused', 'A region, which is the number of a data centre, and a size are needed.')
  fits(setUpScript, mostScriptBytes, 'Hostinger')
  const template_id = await templateId(hostinger, hostinger.image)
  const script = setUpScript === undefined ? {} : await kept(hostinger, machine, setUpScript)
  const hostname = hostnameOf(machine, hostinger)
  // Backups would outlive a wiping, and nothing removes them.
  const setup = { template_id, data_center_id: Number(region), hostname, enable_backups: false, ...script }
  try {
    return await buy(hostinger, machine, { item_id: size, setup })
  } catch (error) {
    // A script for nothing would stay for ever. That it could not be removed changes nothing for who asked for a server.
    if (isFinal(error)) await removeScript(hostinger, machine).catch(() => {})
    throw error
  }
}

/** What was kept before an order is nothing that was ordered. */
async function kept(hostinger: Hostinger, machine: string, script: string) {
  try {
    return { post_install_script_id: await keepScript(hostinger, machine, script) }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    const { kind, message, cause, retryAfterMs } = error
    throw new ProviderError(kind === 'gone' ? 'retry' : kind, message, { cause, retryAfterMs, undone: true })
  }
}

async function buy({ api }: Hostinger, machine: string, body: object): Promise<Resource> {
  const { order, virtual_machine } = await api.ask(answered, 'POST', '/api/vps/v1/virtual-machines', { body })
  const status = order?.status ?? 'unknown'
  if (over.includes(status))
    throw new ProviderError('refused', `Hostinger took the order, and ended it: ${status}. See hPanel.`, {
      undone: false,
    })
  if (!virtual_machine)
    throw new ProviderError('retry', 'Hostinger took the order, but does not say which server it is.')
  return orderedOf(virtual_machine, machine)
}

const over = ['failed', 'refunded', 'cancelled', 'fraud_refund']
const isFinal = (error: unknown) => error instanceof ProviderError && error.kind === 'refused' && error.undone
