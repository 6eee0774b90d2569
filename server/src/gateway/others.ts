// A machine that runs and is not connected here may be so at another gateway: this one was away, or the way to it is. The request
// goes there, once.

import { request as ask, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'

export interface Others {
  /** Has the next gateway answer; false: there is none, nobody is there, or the request came from one. */
  forward(request: IncomingMessage, response: ServerResponse): Promise<boolean>
}

/** Says that a gateway has asked: no request goes round in circles. */
const asked = 'x-spoq-gateway'
const ofOneConnection = ['connection', 'keep-alive', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect']

/** `places`: `HOST:PORT` each, of which the first is asked. */
export function openOthers(places: readonly string[]): Others {
  const [place] = places
  return {
    async forward(request, response) {
      if (place === undefined || request.headers[asked] !== undefined) return false
      const { method, url, headers } = request
      const there = ask(`http://${place}${url}`, {
        ...{ agent: false, method },
        headers: { ...crossing(headers), [asked]: '1' },
      })
      const answered = new Promise<IncomingMessage | null>(resolve => {
        there.once('response', resolve)
        there.once('error', () => resolve(null))
      })
      response.once('close', () => response.writableFinished || there.destroy())
      // Nothing of the body is read before the connection stands: then nobody is there, and who asked is told.
      const isThere = await connected(there)
      if (!isThere) return false
      void pipeline(request, there).catch(() => {})
      const answer = await answered
      if (answer === null) {
        response.destroy()
        return true
      }
      response.writeHead(answer.statusCode ?? 502, crossing(answer.headers))
      await pipeline(answer, response).catch(() => response.destroy())
      return true
    },
  }
}

const crossing = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofOneConnection.includes(name)))

function connected(there: ReturnType<typeof ask>): Promise<boolean> {
  return new Promise(resolve => {
    there.once('error', () => resolve(false))
    there.once('socket', socket => socket.once('connect', () => resolve(true)))
  })
}
