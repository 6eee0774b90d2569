// What a figure of the bench is. Absolute times are noise on a shared computer, so a figure is a ratio of two things
// measured in turn, or an amount of memory against its goal.

export interface Figure {
  id: string
  /** What the goal says about the ratio. */
  goal: { most: number } | { least: number }
  /** What is divided by what, for a person. */
  about: string
  /** What is missing on this computer for it; null: nothing. */
  skipped?: () => string | null
  measure: Measure
}

export interface How {
  /** With less of everything: to try the bench itself, or for a computer with little time. */
  small: boolean
}

/** The ratio, or that and what stands beside it: what the same costs at least. */
export type Measure = (how: How) => Promise<number | { ratio: number; beside: string }>

export interface Result {
  id: string
  ratio: number
  goal: string
  holds: boolean
  beside?: string
}

/** Measures one figure and holds it against its goal. */
export async function measure(figure: Figure, how: How = { small: false }): Promise<Result> {
  const measured = await figure.measure(how)
  const { ratio, ...beside } = typeof measured === 'number' ? { ratio: measured } : measured
  const { goal } = figure
  const holds = 'most' in goal ? ratio <= goal.most : ratio >= goal.least
  return {
    id: figure.id,
    ratio: Math.round(ratio * 1000) / 1000,
    goal: 'most' in goal ? `<= ${goal.most}` : `>= ${goal.least}`,
    holds,
    ...beside,
  }
}

/** The middle one of an odd number of values, else the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  if (low === undefined || high === undefined) throw new RangeError('the median of nothing')
  return (low + high) / 2
}
