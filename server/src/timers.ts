/** What calls back when a time has passed, in ms; each answers how to call it off. */
export interface Timers {
  after(ms: number, call: () => void): () => void
  every(ms: number, call: () => void): () => void
}

export const realTimers: Timers = {
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
  every: (ms, call) => {
    const timer = setInterval(call, ms)
    return () => clearInterval(timer)
  },
}
