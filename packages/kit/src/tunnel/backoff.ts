/** The longest pause between two tries, in ms. */
export const longestMs = 60_000

/**
 * The pause before another try, in ms: anything up to 1 s, 2 s, 4 s, … a minute, so that machines which lost a gateway
 * in the same moment do not come back in the same moment.
 * @param failures tries in a row that came to nothing, from 1
 * @param least what the other side asked for
 */
export function backoffMs(failures: number, random: () => number, least = 0): number {
  const most = Math.min(1_000 * 2 ** Math.min(failures - 1, 16), longestMs)
  return least + Math.floor(random() * most)
}
