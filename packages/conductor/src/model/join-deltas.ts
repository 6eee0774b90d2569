// The SDK does much work for each piece of text that a model sends. What came together is one piece.

import type { LanguageModelV4Middleware, LanguageModelV4StreamPart as Part } from '@ai-sdk/provider'

/**
 * Joins the pieces of text that came in one packet into one; nothing waits for a piece still to come. A connection that
 * breaks becomes an `error` part behind all that came before it: an error of the stream itself would drop what is queued.
 */
export const joinDeltas: LanguageModelV4Middleware = {
  specificationVersion: 'v4',
  wrapStream: async ({ doStream }) => {
    const { stream, ...rest } = await doStream()
    return { ...rest, stream: joined(stream) }
  },
}

type Delta = Extract<Part, { type: 'text-delta' }>

function joined(source: ReadableStream<Part>): ReadableStream<Part> {
  const reader = source.getReader()
  let wanted = true
  return new ReadableStream<Part>({
    // An answer is small: it is taken as fast as it comes.
    start: out => {
      const give = (part: Part) => wanted && out.enqueue(part)
      void pump(reader, give).then(() => wanted && out.close())
    },
    cancel: reason => {
      wanted = false
      return reader.cancel(reason)
    },
  })
}

async function pump(reader: ReadableStreamDefaultReader<Part>, give: (part: Part) => unknown): Promise<void> {
  let held: Delta | undefined
  let scheduled: NodeJS.Immediate | undefined

  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) take(read.value)
    release()
  } catch (error) {
    release()
    give({ type: 'error', error })
  }

  function take(part: Part): void {
    if (part.type === 'text-delta' && part.id === held?.id && !part.providerMetadata) held.delta += part.delta
    else {
      release()
      if (part.type === 'text-delta') held = { ...part }
      else give(part)
    }
    // By then all that was in the packet has been read.
    if (held) scheduled ??= setImmediate(release)
  }

  function release(): void {
    clearImmediate(scheduled)
    scheduled = undefined
    const part = held
    held = undefined
    if (part) give(part)
  }
}
