import { unlessGone } from '../shared/gone.ts'
import { act } from './action.ts'
import type { Hostinger } from './options.ts'
import { removeScript } from './script.ts'
import { isBare, machineOf, type Server } from './server.ts'
import { lookUp, ours } from './status.ts'
import { cancel } from './subscription.ts'
import { templateId } from './template.ts'

/**
 * Cancels the server's contract and wipes the server: it lives on, empty, until the period that is paid for ends. The
 * contract goes first: wiping may take its name away, by which it would be found again.
 */
export async function terminate(hostinger: Hostinger, ref: string): Promise<void> {
  const found = await lookUp(hostinger, ref)
  const machine = found && machineOf(found, hostinger)
  if (!machine || found.state === 'destroying') return
  await cancel(hostinger, found)
  await removeScript(hostinger, machine)
  if (!isBare(found, hostinger)) await unlessGone(wipe(hostinger, found))
}

/** Its snapshot goes with it. Nobody is told the password. */
async function wipe(hostinger: Hostinger, { id }: Server): Promise<void> {
  await ours(hostinger, String(id))
  await act(hostinger, 'POST', String(id), 'recreate', {
    template_id: await templateId(hostinger, hostinger.bareImage),
  })
}
