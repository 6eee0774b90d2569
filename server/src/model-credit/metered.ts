// An answer as it passes by, and what is counted of it meanwhile.

import type { Tokens } from '@spoq/kit/model-price'
import type { Meter } from './vendor.ts'

/**
 * The answer for whoever asked, and what goes on beside it: at its end, however that comes, `end` is told what was seen. `cut`
 * ends it too where nobody reads on: an answer that somebody leaves lying is counted like one that was cut off.
 */
export function metered(
  body: ReadableStream<Uint8Array>,
  meter: Meter,
  cut: AbortSignal,
  end: (tokens: Tokens) => Promise<void>,
): [ReadableStream<Uint8Array>, Promise<void>] {
  const lines = linesOf(text => text.startsWith('data:') && meter.see(jsonOf(text.slice(5))))
  const over = Promise.withResolvers<void>()
  let bytes = 0
  const reader = body.getReader()
  const passing = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) {
          bytes += value.byteLength
          lines.see(value)
          return controller.enqueue(value)
        }
        meter.see(jsonOf(lines.rest()))
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      over.resolve()
    },
    async cancel() {
      over.resolve()
      await reader.cancel().catch(() => {})
    },
  })
  cut.addEventListener('abort', () => over.resolve(), { once: true })
  if (cut.aborted) over.resolve()
  // Cut off before the vendor counted: what has passed by, at a token for four bytes.
  const seen = () => meter.tokens() ?? { inputTokens: 0, outputTokens: Math.ceil(bytes / 4) }
  return [passing, over.promise.then(() => end(seen()))]
}

/** Bytes as they come, in whole lines; `rest` is what has no end yet. */
function linesOf(line: (text: string) => void) {
  const decoder = new TextDecoder()
  let rest = ''
  return {
    see(bytes: Uint8Array) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(line)
    },
    rest: () => rest,
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
