// For tests: a server that answers as a function says, and a target that leads to it.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Target } from './target.ts'

export interface TestServer extends AsyncDisposable {
  origin: string
  target: Target
}

/** Serves on a free port of this computer until its scope ends. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestServer> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    target: { origin, unreachable: 'machine_unreachable', now: Date.now },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
