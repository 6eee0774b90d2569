// For tests: what a Conductor does with a snapshot, in memory. It keeps the highest number, and can be away.

import type { AccessSnapshot } from '@spoq/contracts/access'
import { SpoqError } from '@spoq/contracts/problem'
import type { SendAccess } from './send.ts'

export interface FakeConductor {
  held: AccessSnapshot | null
  /** The tokens it was called with. */
  tokens: string[]
  /** Asked at each call; `before`: it does not come there. `after`: the answer is lost. */
  fault: () => 'before' | 'after' | undefined
  /** Runs while a message is on its way. */
  meanwhile: () => Promise<void>
  send: SendAccess
}

export function fakeConductor(): FakeConductor {
  const fake: FakeConductor = {
    held: null,
    tokens: [],
    fault: () => undefined,
    meanwhile: async () => {},
    send: async ({ token }, snapshot) => {
      const fault = fake.fault()
      fake.tokens.push(token)
      await fake.meanwhile()
      if (fault === 'before') throw new SpoqError('machine_unreachable')
      if (snapshot.number > (fake.held?.number ?? 0)) fake.held = { modelKeys: fake.held?.modelKeys, ...snapshot }
      if (fault) throw new SpoqError('machine_unreachable')
      return fake.held?.number ?? 0
    },
  }
  return fake
}
