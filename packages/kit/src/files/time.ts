/** Ends when the asker gives up, or when the time for a search is over. */
export function timeFor(options: { signal?: AbortSignal; timeMs?: number }): AbortSignal {
  const time = AbortSignal.timeout(options.timeMs ?? 10_000)
  return options.signal ? AbortSignal.any([options.signal, time]) : time
}
