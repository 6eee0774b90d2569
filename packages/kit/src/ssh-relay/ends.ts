// An end of a connection: until it is relayed its packets are taken one by one, and not more is read than that.

import { openTransport, type Transport, type TransportOptions } from './transport.ts'

export type EndOptions = Omit<TransportOptions, 'received' | 'eased' | 'ready'>

export interface End {
  transport: Transport
  /** Settles once keys were exchanged for the first time. @throws Ended */
  ready: Promise<void>
  /** The next packet. @throws Ended */
  next(): Promise<Buffer>
  /** What a work answers, if the connection lasts as long. @throws Ended */
  during<T>(work: Promise<T>): Promise<T>
  /** From now on packets go here, those first that wait; `eased` is told that more may be sent. */
  take(received: (payload: Buffer) => void, eased: () => void): void
}

/** The connection is over; the message says why. */
export class Ended extends Error {
  override readonly name = 'Ended'
}

export function openEnd(options: EndOptions): End {
  const kept: Buffer[] = []
  let [wanted, isFirst]: [PromiseWithResolvers<Buffer> | null, boolean] = [null, true]
  let eased = () => {}
  let over: string | null = null
  const first = Promise.withResolvers<void>()
  // Who waits, and nobody else, is told of the end: an error costs as much as a signature.
  const waiting = new Set<(error: Ended) => void>()

  function during<T>(work: Promise<T>): Promise<T> {
    if (over !== null) return Promise.reject(new Ended(over))
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    waiting.add(reject)
    work.then(resolve, reject).then(() => waiting.delete(reject))
    return promise
  }

  let received = (payload: Buffer): void => {
    if (wanted) wanted.resolve(Buffer.from(payload))
    else {
      kept.push(Buffer.from(payload))
      transport.setReading(false)
    }
    wanted = null
  }
  const transport = openTransport({
    ...options,
    received: payload => received(payload),
    eased: () => eased(),
    ready: () => {
      if (isFirst) first.resolve()
      isFirst = false
    },
  })
  void transport.closed.then(why => {
    over = why
    for (const reject of waiting) reject(new Ended(why))
  })
  const ready = during(first.promise)
  ready.catch(() => {})
  return {
    transport,
    ready,
    during,
    next() {
      const [payload] = kept.splice(0, 1)
      if (payload) return Promise.resolve(payload)
      wanted = Promise.withResolvers<Buffer>()
      transport.setReading(true)
      return during(wanted.promise)
    },
    take(next, nextEased) {
      ;[received, eased] = [next, nextEased]
      for (const payload of kept.splice(0)) next(payload)
    },
  }
}
