import { ProviderError } from '../provider.ts'
import type { Byo } from './options.ts'
import { ask, onServer, resourceOn, unit } from './server.ts'

/** Starts the Conductor again. */
export const resume = (byo: Byo, ref: string): Promise<void> =>
  turn(byo, ref, [
    'rm -f "$f/stopped"',
    `[ ! -e ${unit} ] || systemctl enable --now --quiet spoq-conductor >/dev/null 2>&1`,
  ])

/** Does it on a server that is a machine of ours. @throws ProviderError `gone` */
export async function turn(byo: Byo, ref: string, lines: string[]): Promise<void> {
  const connection = await byo.connections.get(ref)
  if (!connection) throw gone()
  await onServer(byo, ref, async server => {
    if (!(await resourceOn(byo, server, ref, connection.machine))) throw gone()
    await ask(byo, server, lines)
    await resourceOn(byo, server, ref, connection.machine)
  })
}

const gone = () => new ProviderError('gone', 'The server is no longer this machine.')
