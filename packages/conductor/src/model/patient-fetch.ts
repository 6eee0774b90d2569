// A model that says nothing any more must not hold a turn for ever.

export interface Patience {
  /** Until the first byte of an answer, in ms. */
  firstByteMs: number
  /** Between two bytes of it, in ms. */
  betweenBytesMs: number
}

/** Nothing came for too long. Not an AbortError: those mean that we ourselves wanted it to end. */
export class ModelSilent extends Error {
  override readonly name = 'ModelSilent'
  constructor(ms: number) {
    super(`nothing came for ${ms / 1000} s`)
  }
}

/**
 * A fetch that ends a call which stays silent. It follows no redirect: the key is for that address alone.
 * @throws ModelSilent from the call, or from the body's stream.
 */
export function patientFetch({ firstByteMs, betweenBytesMs }: Patience): typeof fetch {
  return async (address, init) => {
    const silence = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const wait = (ms: number) => {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(new ModelSilent(ms)), ms)
    }
    const rest = () => clearTimeout(timer)
    const signal = init?.signal ? AbortSignal.any([init.signal, silence.signal]) : silence.signal
    wait(firstByteMs)
    try {
      const response = await fetch(address, { ...init, signal, redirect: 'error' })
      if (!response.body) rest()
      if (!response.body) return response
      const body = watched(response.body, () => wait(betweenBytesMs), rest)
      return new Response(body, { status: response.status, headers: response.headers })
    } catch (error) {
      rest()
      throw silence.signal.aborted ? silence.signal.reason : error
    }
  }
}

function watched(body: ReadableStream<Uint8Array>, came: () => void, ended: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>({
    pull: async out => {
      try {
        const { done, value } = await reader.read()
        if (done) {
          ended()
          out.close()
          return
        }
        came()
        out.enqueue(value)
      } catch (error) {
        ended()
        out.error(error)
      }
    },
    cancel: reason => {
      ended()
      return reader.cancel(reason)
    },
  })
}
