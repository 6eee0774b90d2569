// What 32 clients post: on a few accounts with floors, each post with a key of its own, again with the same key where no answer
// came.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from '@spoq/server/ledger/ports'
import { post } from '@spoq/server/ledger/post'

const clients = 32
const accounts = 5

/** Posts until it is told to end, or for ever. `acknowledged` is told each key once it is answered. */
export async function load(
  ledger: Ledger,
  name: string,
  acknowledged: (key: string) => void,
  isOver = () => false,
): Promise<void> {
  const client = async (at: number) => {
    for (let n = 0; !isOver(); n++) {
      const account = `customer:load${(at + n) % accounts}`
      // Every third fills what the others spend: some are refused.
      const amount = n % 3 === 0 ? 2n : -1n
      const lines = [
        { account, amount },
        { account: amount > 0n ? 'card' : 'usage', amount: -amount },
      ]
      const key = `${name}-${at}-${n}`
      if (await stored(ledger, { key, kind: 'load', lines }, isOver)) acknowledged(key)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, at) => client(at)))
}

/** False: it was refused, or all is over. */
async function stored(ledger: Ledger, request: Parameters<typeof post>[1], isOver: () => boolean): Promise<boolean> {
  while (!isOver())
    try {
      await post(ledger, request)
      return true
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'credit_short') return false
      if (code !== 'unavailable') throw error
      await sleep(20)
    }
  return false
}
