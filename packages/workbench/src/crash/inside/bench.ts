// Many runs: every single strike, every cancel, and pairs by chance.

import { oneOf, shuffled } from '../random.ts'
import type { Mutant } from './mutants.ts'
import { type Outcome, type Plan, run, type Verb, verbs } from './run.ts'
import { anyStrike, everyCancel, everyStrike, oneStrikeEach } from './strikes.ts'
import type { Shared, Weather } from './world.ts'

export interface Tally {
  /** How many runs of each kind there were. */
  runs: Record<'undisturbed' | 'single' | 'cancel' | 'pair', number>
  /** Strikes that the runs met, and those that the run took another way before. */
  met: number
  missed: number
  /** The runs that were wrong, and what was. */
  wrongs: string[]
}

export interface Wish {
  verbs?: readonly Verb[]
  weathers: readonly Weather[]
  /** How many of the singles and cancels: 1 for all, 0.1 for each tenth. */
  share?: number
  /** One blow at each place; else every blow. */
  oneEach?: boolean
  pairs: number
  random: () => number
  mutant?: Mutant
  /** No new run after so many that were wrong; default 20. */
  most?: number
  /** No new run after this is true. */
  enough?: () => boolean
}

/** A strike, and what its run passed: where pairs are found. */
interface Known {
  plan: Plan
  outcome: Outcome
}

export const emptyTally = (): Tally => ({
  runs: { undisturbed: 0, single: 0, cancel: 0, pair: 0 },
  met: 0,
  missed: 0,
  wrongs: [],
})

export const runsOf = ({ runs }: Tally): number => Object.values(runs).reduce((sum, count) => sum + count, 0)

/** Runs all that is wished for on one database; the tally is complete whenever it ends. */
export async function runMany(shared: Shared, wish: Wish): Promise<Tally> {
  const tally = emptyTally()
  const known: Known[] = []
  const chosen = () => wish.random() < (wish.share ?? 1)
  const go = async (kind: keyof Tally['runs'], plan: Plan): Promise<Outcome | null> => {
    if (wish.enough?.() || tally.wrongs.length >= (wish.most ?? 20)) return null
    const outcome = await run(shared, plan, wish.mutant)
    tally.runs[kind] += 1
    tally.met += outcome.met
    tally.missed += plan.strikes.length + plan.again.length - outcome.met
    if (outcome.wrongs.length > 0) tally.wrongs.push(`${shown(plan)}: ${outcome.wrongs.join('; ')}`)
    return outcome
  }
  for (const weather of wish.weathers)
    for (const verb of wish.verbs ?? verbs) {
      const calm: Plan = { ...weather, verb, strikes: [], again: [] }
      const undisturbed = await go('undisturbed', calm)
      if (!undisturbed) return tally
      known.push({ plan: calm, outcome: undisturbed })
      const { passed } = undisturbed
      const singles = (wish.oneEach ? oneStrikeEach(wish.random, passed) : everyStrike(passed)).filter(chosen)
      const cancels = verb === 'terminate' ? [] : everyCancel(passed).filter(chosen)
      // What finds a mutant out may be the last of them in their order.
      const all = wish.mutant ? shuffled(wish.random, [...singles, ...cancels]) : [...singles, ...cancels]
      for (const strike of all) {
        const plan = { ...calm, strikes: [strike] }
        const isCancel = strike.blow === 'meanwhile'
        const outcome = await go(isCancel ? 'cancel' : 'single', plan)
        if (outcome && !isCancel) known.push({ plan, outcome })
      }
    }
  for (let pairs = 0; pairs < wish.pairs; pairs++) {
    const plan = pair(wish.random, known)
    if (plan) await go('pair', plan)
  }
  return tally
}

/** A kill and something in the recovery after it, or something and then something else in the same life. */
function pair(random: () => number, known: readonly Known[]): Plan | null {
  const { plan, outcome } = oneOf(random, known) ?? {}
  if (!plan || !outcome) return null
  if (outcome.recovery.length > 0) return { ...plan, again: anyStrike(random, outcome.recovery) }
  return { ...plan, strikes: [...plan.strikes, ...anyStrike(random, outcome.passed)] }
}

const shown = ({ verb, lag, sweep, strikes, again }: Plan): string =>
  [
    `${verb}${lag ? ', the list lags' : ''}${sweep ? ', swept' : ''}`,
    ...strikes.map(({ place, blow }) => `${blow} at ${place}`),
    ...again.map(({ place, blow }) => `then ${blow} at ${place}`),
  ].join('; ')
