/** How long a provider is waited for, in ms. */
export interface Patience {
  /** For a whole answer. */
  answerMs: number
  /** For a server's system to end by itself, before the power is cut. */
  shutDownMs: number
  /** Between two looks at what changes. */
  pollMs: number
  /** Until a server whose create was not answered must be in the list, if it was made. */
  listLagMs: number
}

export const usualPatience: Patience = { answerMs: 30_000, shutDownMs: 30_000, pollMs: 3_000, listLagMs: 15_000 }
