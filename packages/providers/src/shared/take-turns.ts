/** Answers a function that runs one piece of work after the other for each key, in the order in which they came. */
export function takingTurns() {
  const last = new Map<string, Promise<unknown>>()
  return async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work)
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}

/** Gives a provider's verbs on one server what they need of the world, and has those on the same server take turns. */
export function turnsOf<Cloud>(cloud: Cloud) {
  const inTurn = takingTurns()
  return <More extends unknown[], T>(verb: (cloud: Cloud, ref: string, ...more: More) => Promise<T>) =>
    (ref: string, ...more: More): Promise<T> =>
      inTurn(ref, () => verb(cloud, ref, ...more))
}
