export { costOf } from '@spoq/kit/model-price'

/** A sum of costs; not known as soon as one of them is not. */
export function sumOfCosts(costs: readonly (number | null | undefined)[]): number | null {
  return costs.reduce<number | null>((sum, cost) => (sum === null || cost == null ? null : sum + cost), 0)
}
