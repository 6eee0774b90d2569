// Asking the laptop that asked: a request goes out as an event, its answer comes as a call. Nobody waits for long.

import { SpoqError } from '@spoq/contracts/problem'
import type { ClientTool } from '@spoq/contracts/session'

interface Answer {
  output: string
  failed: boolean
}

export interface ClientRequests {
  /**
   * Sends a request by `send` and waits for its answer.
   * @param mostMs when that is shorter than what is usual.
   * @throws SpoqError `client_away` when none comes in time; an Error with the laptop's words when it refused.
   */
  ask(send: (request: string) => void, signal: AbortSignal, mostMs?: number): Promise<string>
  /** Gives an answer to whoever waits for it. @throws SpoqError `request_not_found`. */
  answer(request: string, answer: Answer): void
}

interface Options {
  newId: (kind: string) => string
  /** How long an answer may take. */
  patienceMs: number
}

export type AskClient = (tool: ClientTool, input: unknown) => Promise<string>

/** The requests that wait for their laptop. They end with the process: a turn never goes on from a half-done call. */
export function clientRequests({ newId, patienceMs }: Options): ClientRequests {
  const waiting = new Map<string, (answer: Answer) => void>()

  async function ask(send: (request: string) => void, signal: AbortSignal, mostMs = patienceMs): Promise<string> {
    const request = newId('req')
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const away = setTimeout(() => reject(new SpoqError('client_away')), Math.min(mostMs, patienceMs))
    const stopped = () => reject(signal.reason)
    signal.addEventListener('abort', stopped)
    waiting.set(request, resolve)
    try {
      send(request)
      const { output, failed } = await promise
      if (failed) throw new Error(output)
      return output
    } finally {
      clearTimeout(away)
      signal.removeEventListener('abort', stopped)
      waiting.delete(request)
    }
  }

  function answer(request: string, given: Answer): void {
    const resolve = waiting.get(request)
    if (!resolve) throw new SpoqError('request_not_found')
    waiting.delete(request)
    resolve(given)
  }

  return { ask, answer }
}
