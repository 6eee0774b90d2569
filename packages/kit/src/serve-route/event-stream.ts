// Server-sent events (WHATWG HTML, section 9.2) from anything that can be iterated.

const encoder = new TextEncoder()
/** Proxies drop a connection that is silent for a minute. */
const heartbeatMs = 15_000

/** A response that sends each event with its id, and a comment now and then so that the connection is kept. */
export function eventStream(events: AsyncIterable<{ id: number }>): Response {
  const iterator = events[Symbol.asyncIterator]()
  let heartbeat: NodeJS.Timeout | undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(':\n\n'))
      heartbeat = setInterval(() => controller.enqueue(encoder.encode(':\n\n')), heartbeatMs)
    },
    async pull(controller) {
      const next = await iterator.next()
      if (next.done) {
        clearInterval(heartbeat)
        return controller.close()
      }
      controller.enqueue(encoder.encode(`id: ${next.value.id}\ndata: ${JSON.stringify(next.value)}\n\n`))
    },
    async cancel() {
      clearInterval(heartbeat)
      await iterator.return?.()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}
