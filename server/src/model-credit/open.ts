// Models on Spoq credit as they run: the calls that go on after their answers have begun, and the looks at what was cut off.

import type { Database } from '../db/open.ts'
import { textOf } from '../log.ts'
import { repeat } from '../repeat.ts'
import { endLost } from './lost.ts'
import type { ModelCreditPorts } from './ports.ts'
import { relay } from './relay.ts'

export interface OpenModelCredit {
  /** Answers a call of a machine's; null: the path is none of these. */
  answer(request: Request): Promise<Response | null>
  /** Ends once what goes on is paid. */
  stop(): Promise<void>
}

/** `everyMs`: how often it is looked for calls that were cut off. */
export function openModelCredit(
  ports: ModelCreditPorts,
  unlessLocked: Database['unlessLocked'],
  everyMs: number,
): OpenModelCredit {
  const { log } = ports
  const running = new Set<Promise<void>>()
  const goesOn = (work: Promise<void>) => {
    const settled = work
      .catch(error => log('error', 'model-credit.failed', { error: textOf(error) }))
      .finally(() => running.delete(settled))
    running.add(settled)
  }
  const looking = repeat({ name: 'model-credit', everyMs, log }, () =>
    unlessLocked('model-credit', () => endLost(ports)),
  )
  looking.wake()
  return {
    answer: request => relay(ports, request, goesOn),
    async stop() {
      await Promise.all([looking.stop(), ...running])
    },
  }
}
