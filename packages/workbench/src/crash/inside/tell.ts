import { runsOf, type Tally } from './bench.ts'

/** The counts in one line. */
export function tell(of: string, tally: Tally): string {
  const { undisturbed, single, cancel, pair } = tally.runs
  const kinds = `${undisturbed} undisturbed, ${single} single, ${cancel} cancelled, ${pair} pairs`
  return `${of}: ${runsOf(tally)} runs (${kinds}), ${tally.met} strikes, ${tally.missed} missed, ${tally.wrongs.length} wrong`
}
