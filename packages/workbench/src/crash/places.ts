// Names every place where the backend waits for the world, and kills it at one of them.

import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * `after create > spawn #2`: just after the second spawn in a create, since armed. Or a moment, wherever that is:
 * `at 120 ms`.
 */
export type Place = string

export interface Places {
  /** From now on places are counted, and `killAt` is waited for. */
  arm(killAt: Place | null): void
  /** Ends what `arm` began; answers every place passed meanwhile, in order. */
  disarm(): Place[]
  /** Runs one awaited call between its two places. */
  around<T>(what: string, call: () => Promise<T>): Promise<T>
  /** The same for a call that is over when it returns. */
  aroundNow<T>(what: string, call: () => T): T
  /** One place without a call. */
  pass(what: string): void
  /** Calls made inside are known to be part of `verb`. */
  within<T>(verb: string, call: () => Promise<T>): Promise<T>
  /** The verb that is running, if any. */
  verb(): string | undefined
}

/** `kill` ends this process at once, as SIGKILL does. */
export function places(kill: () => void): Places {
  const running = new AsyncLocalStorage<string>()
  let counts: Map<string, number> | null = null
  let killAt: Place | null = null
  let trace: Place[] = []
  let timer: NodeJS.Timeout | undefined

  const pass = (what: string) => {
    if (!counts) return
    const count = (counts.get(what) ?? 0) + 1
    counts.set(what, count)
    const place = `${what} #${count}`
    trace.push(place)
    if (place === killAt) kill()
  }
  return {
    arm(at) {
      counts = new Map()
      trace = []
      killAt = at
      const moment = /^at (\d+) ms$/.exec(at ?? '')?.[1]
      if (moment) timer = setTimeout(kill, Number(moment))
    },
    disarm() {
      counts = null
      clearTimeout(timer)
      return trace
    },
    pass,
    async around(what, call) {
      pass(`before ${what}`)
      const answer = await call()
      pass(`after ${what}`)
      return answer
    },
    aroundNow(what, call) {
      pass(`before ${what}`)
      const answer = call()
      pass(`after ${what}`)
      return answer
    },
    within: (verb, call) => running.run(verb, call),
    verb: () => running.getStore(),
  }
}
