// The gate between one incarnation of a backend and the world: every call goes through it, is named and counted, and can be
// struck. A backend that was killed gets no answer any more, to anything.

/** `sql insert into machine #2`: the second call of that name since the gate was armed. */
export type Place = string

/**
 * What happens at a place. `error`: the call is not made. `lost answer`: it is made, and fails all the same. `meanwhile`: what
 * the bench has to happen just before it.
 */
export type Blow = 'crash before' | 'crash after' | 'error' | 'lost answer' | 'meanwhile' | 'leap'

export interface Strike {
  place: Place
  blow: Blow
}

export interface Gate {
  /** Counts from now on, and strikes at these places. */
  arm(strikes: readonly Strike[]): void
  /** The places since it was armed. */
  readonly passed: readonly Place[]
  /** The strikes that were met. */
  readonly met: readonly Strike[]
  /** One call of the backend to the world. */
  around<T>(what: string, call: () => Promise<T>, failure?: () => Error): Promise<T>
  /** The same for a call that is over when it returns. */
  aroundNow<T>(what: string, call: () => T): T
  /** Calls that were made and not answered. */
  readonly open: number
  readonly dead: boolean
  /** Resolves when the backend is killed. */
  readonly killed: Promise<void>
  kill(): void
}

export interface Occasions {
  /** For `meanwhile`: answers when it is over; what a call must not wait for goes on by itself. */
  meanwhile: (what: string) => Promise<void>
  /** For `leap`. */
  leap: () => void
}

/** No answer, ever. */
const never = () => new Promise<never>(() => {})

export function openGate({ meanwhile, leap }: Occasions): Gate {
  const { promise: killed, resolve } = Promise.withResolvers<void>()
  let counts = new Map<string, number>()
  let strikes: readonly Strike[] = []
  let dead = false
  let open = 0
  let passed: Place[] = []
  let met: Strike[] = []

  const kill = () => {
    dead = true
    resolve()
  }
  const pass = (what: string): Blow | undefined => {
    const count = (counts.get(what) ?? 0) + 1
    counts.set(what, count)
    const place = `${what} #${count}`
    passed.push(place)
    const strike = strikes.find(struck => struck.place === place)
    if (strike) met.push(strike)
    return strike?.blow
  }

  async function struck<T>(
    what: string,
    blow: Blow | undefined,
    call: () => Promise<T>,
    failure: () => Error,
  ): Promise<T> {
    if (blow === 'meanwhile') await meanwhile(what)
    if (blow === 'crash before') kill()
    if (dead) return never()
    if (blow === 'error') throw failure()
    const answer = await call().catch((error: unknown) => {
      if (dead) return never()
      throw error
    })
    if (blow === 'crash after') kill()
    if (dead) return never()
    if (blow === 'lost answer') throw failure()
    return answer
  }

  return {
    arm(given) {
      counts = new Map()
      strikes = given
      passed = []
      met = []
    },
    get passed() {
      return passed
    },
    get met() {
      return met
    },
    get open() {
      return open
    },
    get dead() {
      return dead
    },
    killed,
    kill,
    async around(what, call, failure = () => new Error(`${what} failed on purpose`)) {
      if (dead) return never()
      open += 1
      try {
        return await struck(what, pass(what), call, failure)
      } finally {
        open -= 1
      }
    },
    aroundNow(what, call) {
      const blow = dead ? undefined : pass(what)
      if (blow === 'leap') leap()
      // It goes on to its next call, which is never answered.
      if (blow === 'crash before') kill()
      return call()
    },
  }
}
