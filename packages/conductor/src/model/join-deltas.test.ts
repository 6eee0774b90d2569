import { ReadableStream } from 'node:stream/web'
import { setTimeout as pause } from 'node:timers/promises'
import type { LanguageModelV4StreamPart as Part } from '@ai-sdk/provider'
import { expect, test } from 'vitest'
import { joinDeltas } from './join-deltas.ts'

const delta = (text: string, id = 'a'): Part => ({ type: 'text-delta', id, delta: text })

/** What comes out for packets of parts; a fault ends them. */
async function through(packets: Part[][], fault?: Error): Promise<Part[]> {
  async function* source() {
    for (const packet of packets) {
      yield* packet
      await pause(5)
    }
    if (fault) throw fault
  }
  const parts: Part[] = []
  for await (const part of await wrapped(ReadableStream.from(source()))) parts.push(part)
  return parts
}

async function wrapped(stream: ReadableStream<Part>): Promise<ReadableStream<Part>> {
  const doStream = async () => ({ stream })
  // biome-ignore lint/style/noNonNullAssertion: it is there
  const result = await joinDeltas.wrapStream!({ doStream, doGenerate: unused, params: { prompt: [] }, model: unused() })
  return result.stream as ReadableStream<Part>
}

const unused = (() => undefined) as () => never

test('what came in one packet is one piece, and the next packet is another', async () => {
  const parts = await through([[delta('one '), delta('two ')], [delta('three')]])
  expect(parts).toEqual([delta('one two '), delta('three')])
})

test('no piece passes another part or a text of another id', async () => {
  const call: Part = { type: 'tool-input-start', id: 'call', toolName: 'read' }
  const parts = await through([[delta('a'), call, delta('b'), delta('c', 'other'), delta('d')]])
  expect(parts).toEqual([delta('a'), call, delta('b'), delta('c', 'other'), delta('d')])
})

test('a connection that breaks comes last, as a part', async () => {
  const fault = new Error('terminated')
  expect(await through([[delta('all '), delta('that came')]], fault)).toEqual([
    delta('all that came'),
    { type: 'error', error: fault },
  ])
})

test('a reader that goes away ends the source', async () => {
  let ended = false
  const source = new ReadableStream<Part>({
    pull: async out => {
      await pause(1)
      out.enqueue(delta('more '))
    },
    cancel: () => {
      ended = true
    },
  })
  const reader = (await wrapped(source)).getReader()
  await reader.read()
  await reader.cancel()
  await pause(10)
  expect(ended).toBe(true)
})
