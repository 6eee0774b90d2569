// Pairs of real kills: once in a verb and once more while the next backend recovers, at places and at moments, by chance.

import { killEverywhere, type Report } from './kill-everywhere.ts'
import type { Place } from './places.ts'
import { verbs } from './protocol.ts'
import { oneOf } from './random.ts'

export interface PairWish {
  /** How many pairs. */
  pairs: number
  random: () => number
  tell?: (line: string) => void
}

/** Kills in pairs, each verb in turn; answers the kills there were and what was wrong. */
export async function killInPairs({ pairs, random, tell }: PairWish): Promise<Omit<Report, 'places'>> {
  const moment = (most: number): Place => `at ${Math.floor(random() * most)} ms`
  const sum = { kills: 0, missed: [] as Place[], wrongs: [] as string[] }
  for (const [at, verb] of verbs.entries()) {
    const share = Math.floor((pairs + at) / verbs.length)
    const some = (places: Place[]) => (random() < 0.3 ? moment(400) : (oneOf(random, places) ?? moment(400)))
    const report = await killEverywhere({
      verb,
      choose: places => Array.from({ length: share }, () => some(places)),
      again: places => (random() < 0.5 ? moment(1_500) : (oneOf(random, places) ?? null)),
      ...(tell ? { tell } : {}),
    })
    sum.kills += report.kills
    sum.missed.push(...report.missed)
    sum.wrongs.push(...report.wrongs)
  }
  return sum
}
