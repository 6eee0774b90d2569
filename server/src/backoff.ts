/** The pause after a number of tries in a row, in ms: 1 s, or what is said, doubled each time, 5 minutes at most. */
export const backoffMs = (attempts: number, firstMs = 1_000): number =>
  Math.min(firstMs * 2 ** Math.max(attempts - 1, 0), 300_000)
