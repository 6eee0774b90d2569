import { setTimeout as sleep } from 'node:timers/promises'
import type { Patience } from './patience.ts'

/** Looks again and again until it is so; answers what was seen last, which after `mostMs` may be anything. */
export async function lookUntil<T>(
  { pollMs, mostMs }: { pollMs: number; mostMs: number },
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
): Promise<T> {
  for (let waited = 0; ; waited += pollMs) {
    const seen = await look()
    if (isSo(seen) || waited >= mostMs) return seen
    await sleep(pollMs)
  }
}

/** For what a provider does with a server by itself: far longer than the server's own system is given to end. */
export const workTime = ({ patience: { pollMs, shutDownMs } }: { patience: Patience }) => ({
  pollMs,
  mostMs: shutDownMs * 20,
})
