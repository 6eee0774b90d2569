// A request to a machine that is not there yet waits here, its body unread, until the machine is. Only who may use the
// machine wakes it, and only so many wait.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Whereabouts } from '@spoq/contracts/gateway'
import { SpoqError } from '@spoq/contracts/problem'
import { health, showStatus } from '@spoq/contracts/status'
import type { Hub } from '@spoq/kit/tunnel'
import type { Backend } from './backend.ts'
import type { Place } from './place.ts'

export interface HoldLimits {
  /** Requests that wait at a time, to all machines and to one. */
  most: number
  mostOfMachine: number
  patienceMs: number
}

export const usualHold: HoldLimits = { most: 1_000, mostOfMachine: 100, patienceMs: 30_000 }

interface Ports {
  hub: Hub
  backend: Backend
  limits: HoldLimits
}

/** Waits until the machine is there. @throws SpoqError why it is not, or why it is not woken for this one. */
export type Hold = (
  place: Place,
  found: Whereabouts,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>

const lookMs = 200
/** Whoever looks how a machine does is told that it sleeps. */
const looks = new Set([health, showStatus].map(({ path }) => path))

export function holder({ hub, backend, limits }: Ports): Hold {
  const waiting = new Map<string, number>()
  let all = 0

  async function untilThere(place: Place, response: ServerResponse): Promise<void> {
    const end = performance.now() + limits.patienceMs
    // What was known from before it was woken is not so any more.
    for (let freshMs = 0; performance.now() < end && !response.destroyed; freshMs = lookMs) {
      const found = await backend.locate(place, freshMs)
      if (!found) throw new SpoqError('not_found', { message: 'No machine has that name.' })
      if (!found.running) throw away()
      if (found.ready && hub.has(found.machine)) return
      await sleep(lookMs)
    }
    throw new SpoqError('machine_away', { message: 'The machine is being started.', retryAfter: 5 })
  }

  return async (place, { machine, running }, request, response) => {
    if (looks.has(pathOf(request))) throw away(running ? 1 : 30)
    const [, token] = /^bearer +([\w.-]+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (!token) throw new SpoqError('not_signed_in')
    const ofMachine = waiting.get(machine) ?? 0
    if (all >= limits.most || ofMachine >= limits.mostOfMachine)
      throw new SpoqError('machine_away', { message: 'Too many requests wait for the machine.', retryAfter: 2 })
    all += 1
    waiting.set(machine, ofMachine + 1)
    try {
      if (!(await backend.wake(machine, token).catch(unlessRefused))) throw away()
      await untilThere(place, response)
    } finally {
      all -= 1
      const left = (waiting.get(machine) ?? 1) - 1
      if (left === 0) waiting.delete(machine)
      else waiting.set(machine, left)
    }
  }
}

const away = (retryAfter = 30) => new SpoqError('machine_away', { message: 'The machine does not run.', retryAfter })

/** What is wrong with a token its bearer is told; a backend that is away wakes nobody. */
function unlessRefused(error: unknown): boolean {
  if (error instanceof SpoqError && error.status < 500) throw error
  return false
}

export const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/'
