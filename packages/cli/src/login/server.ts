// Which server is meant.

import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { readSettings } from './settings.ts'

/** The server that everybody uses who runs none. */
const publicServer = 'https://spoq.dev'

/**
 * The origin of the server: --server or SPOQ_SERVER, else that of the last login, else the public one.
 * @throws SpoqError `usage` for what is no address.
 */
export function serverOf(context: Context): string {
  const said = context.server ?? readSettings(context.dataDir).server ?? publicServer
  const url = URL.parse(said.includes('://') ? said : `https://${said}`)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new SpoqError('usage', {
      message: `${said} is not the address of a server.`,
      next: 'Give it as https://HOST.',
    })
  if (url.protocol === 'http:' && !isThisComputer(url.hostname))
    throw new SpoqError('usage', {
      message: `${url.origin} is not encrypted: everybody on the way could read your sign-in.`,
      next: 'Give it as https://HOST.',
    })
  return url.origin
}

/** Only what never leaves this computer may go without encryption. */
export const isThisComputer = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
