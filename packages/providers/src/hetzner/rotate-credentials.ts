import type { Hetzner } from './options.ts'
import { ours } from './status.ts'

/** Gives root a password that nobody is told. It needs a server that runs, with its guest agent. */
export async function rotateCredentials(hetzner: Hetzner, ref: string): Promise<void> {
  await ours(hetzner, ref)
  await hetzner.api.tell('POST', `/servers/${ref}/actions/reset_password`)
}
