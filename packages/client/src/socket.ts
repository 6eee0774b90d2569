import { Agent, type Dispatcher } from 'undici'

/** Leads every request to a unix socket, whatever its origin says. */
export function overSocket(socketPath: string): Dispatcher {
  return new Agent({ connect: { socketPath } })
}
