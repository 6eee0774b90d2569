// Server-sent events (WHATWG HTML, section 9.2) from anything that can be iterated.

interface Event {
  id: number
}

const encoder = new TextEncoder()
const comment = encoder.encode(':\n\n')
/** Proxies drop a connection that is silent for a minute. */
const usualHeartbeatMs = 15_000
/** Characters that are sent at once, when so many are there. */
const fullBatch = 64 << 10

/**
 * A response that sends each event with its id, and a comment now and then so that the connection is kept. Events that
 * are there at the same time go out together. When the events throw, the stream ends early and `broken` is told: the
 * reader asks again, and gets the error as an answer.
 */
export function eventStream(
  events: AsyncIterable<Event>,
  broken: (error: unknown) => void,
  heartbeatMs = usualHeartbeatMs,
): Response {
  const batches = batched(events)
  let heartbeat: NodeJS.Timeout | undefined
  let hasLeft = false
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(comment)
      heartbeat = setInterval(() => controller.enqueue(comment), heartbeatMs)
    },
    async pull(controller) {
      try {
        const batch = await batches.next()
        // What comes after its reader has left is nobody's.
        if (hasLeft) return
        if (!batch.done) return controller.enqueue(encoder.encode(batch.value))
      } catch (error) {
        broken(error)
        if (hasLeft) return
      }
      clearInterval(heartbeat)
      controller.close()
    },
    cancel() {
      hasLeft = true
      clearInterval(heartbeat)
      // Not waited for: events that wait for more end with the request's own signal.
      void batches.return().catch(() => {})
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}

const frame = (event: Event) => `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`

/** Gives the frames that are there without waiting for more, and waits when there are none. */
async function* batched(events: AsyncIterable<Event>): AsyncGenerator<string, void, void> {
  const iterator = events[Symbol.asyncIterator]()
  const ask = () => {
    const coming = iterator.next()
    // It may fail while nobody reads; whoever reads next is told.
    coming.catch(() => {})
    return coming
  }
  try {
    let coming = ask()
    for (let first = await coming; !first.done; first = await coming) {
      let batch = ''
      let next: IteratorResult<Event> | undefined = first
      while (next && !next.done) {
        batch += frame(next.value)
        coming = ask()
        next = batch.length < fullBatch ? await Promise.race([coming, nothingYet()]) : undefined
      }
      yield batch
    }
  } finally {
    void iterator.return?.()?.catch(() => {})
  }
}

/** Settles once all that was ready has had its turn; a flood of input keeps `setImmediate` waiting for longer. */
const nothingYet = () => new Promise<undefined>(resolve => process.nextTick(resolve, undefined))
