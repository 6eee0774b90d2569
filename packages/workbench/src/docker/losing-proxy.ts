// A proxy before an Engine that loses answers: the Engine does what it was asked, and nobody hears of it.

import { once } from 'node:events'
import { createServer, request } from 'node:http'

export interface LosingProxy {
  /** The answer to the request after so many is lost; null: none. */
  loseAfter(requests: number | null): void
  /** How many requests came since then. */
  seen(): number
  stop(): Promise<void>
}

export async function startLosingProxy(listen: string, engine: string): Promise<LosingProxy> {
  let lose: number | null = null
  let seen = 0
  const server = createServer((asked, answer) => {
    const isLost = seen++ === lose
    const { method, url: path, headers } = asked
    const onward = request({ socketPath: engine, method, path, headers }, response => {
      if (isLost) {
        response.resume().on('end', () => answer.destroy())
        return
      }
      answer.writeHead(response.statusCode ?? 500, response.headers)
      response.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    asked.pipe(onward)
  })
  server.listen(listen)
  await once(server, 'listening')
  return {
    loseAfter: requests => {
      lose = requests
      seen = 0
    },
    seen: () => seen,
    stop: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
