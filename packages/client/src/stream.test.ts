import type { IncomingMessage, ServerResponse } from 'node:http'
import { route } from '@spoq/contracts/http'
import { problemType, SpoqError, toProblem } from '@spoq/contracts/problem'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { follow } from './stream.ts'
import type { Target } from './target.ts'
import { serve } from './testing.ts'

const numbers = route({
  method: 'get',
  path: '/api/numbers',
  summary: 'Counts.',
  caller: 'member',
  status: 200,
  answer: z.object({ id: z.number(), text: z.string() }),
  stream: true,
  errors: ['session_not_found'],
})

const last = 30
const isLast = ({ id }: { id: number }) => id === last
const event = (id: number) => `id: ${id}\ndata: ${JSON.stringify({ id, text: `ä${id}` })}\n\n`

/** Sends `count` events after those that the client has; the last of them is torn in the middle. */
function some(response: ServerResponse, after: number, count: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const bytes = Buffer.concat(Array.from({ length: count }, (_, index) => Buffer.from(event(after + index + 1))))
  const whole = after + count >= last
  response.write(whole ? bytes : bytes.subarray(0, bytes.length - 12))
  setImmediate(() => response.destroy())
}

// Catches a client that repeats what it has, skips what it half saw, or tears a character at the edge of a chunk.
test('each event comes once and in order, wherever the connection breaks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 2, max: 12 }), { minLength: 1, maxLength: 20 }), async pieces => {
      let connections = 0
      await using server = await serve((request, response) => {
        const after = Number(request.headers['last-event-id'])
        some(response, after, Math.min(last - after, pieces[connections++ % pieces.length] ?? 2))
      })
      const seen: number[] = []
      for await (const { id, text } of follow(server.target, numbers, { isLast })) {
        expect(text).toBe(`ä${id}`)
        seen.push(id)
      }
      expect(seen).toEqual(Array.from({ length: last }, (_, index) => index + 1))
    }),
    { numRuns: 5 },
  )
})

test('it begins after the event that it is told', async () => {
  await using server = await serve((request, response) => some(response, Number(request.headers['last-event-id']), 3))
  const seen: number[] = []
  for await (const { id } of follow(server.target, numbers, { isLast, after: last - 3 })) seen.push(id)
  expect(seen).toEqual([28, 29, 30])
})

test('an answer of the other side is final', async () => {
  let asked = 0
  await using server = await serve((_, response) => {
    asked++
    response.writeHead(404, { 'content-type': problemType })
    response.end(JSON.stringify(toProblem(new SpoqError('session_not_found'))))
  })
  await expect(follow(server.target, numbers, { isLast }).next()).rejects.toMatchObject({ code: 'session_not_found' })
  expect(asked).toBe(1)
})

test('an event of a form that this version does not know ends it at once, and is not asked for again', async () => {
  let connections = 0
  await using server = await serve((_, response) => {
    connections += 1
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end('id: 1\ndata: {"id":"one"}\n\n')
  })
  await expect(follow(server.target, numbers, { isLast }).next()).rejects.toThrow()
  expect(connections).toBe(1)
})

test('it gives up when nobody comes back', async () => {
  const target = { origin: 'http://127.0.0.1:1', unreachable: 'machine_unreachable' as const, now: Date.now }
  await expect(follow(target, numbers, { isLast, tries: 2 }).next()).rejects.toMatchObject({
    code: 'machine_unreachable',
  })
})

test('streams that end without an event are not asked for ever', async () => {
  let asked = 0
  await using server = await serve((_, response) => {
    asked++
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(':\n\n')
  })
  await expect(follow(server.target, numbers, { isLast, tries: 2 }).next()).rejects.toMatchObject({
    code: 'machine_unreachable',
  })
  expect(asked).toBe(3)
})

test('a signal ends it at once, in the middle of waiting too', async () => {
  const leaving = new AbortController()
  const target = { origin: 'http://127.0.0.1:1', unreachable: 'machine_unreachable' as const, now: Date.now }
  const first = follow(target, numbers, { isLast, signal: leaving.signal }).next()
  setTimeout(() => leaving.abort(new Error('left')), 50)
  await expect(first).rejects.toThrow()
})

/** Serves all events, after the first one silence for `silentFor` ms; `beats`: says that it lives meanwhile. */
function silentAfterOne({ beats, silentFor }: { beats: boolean; silentFor: number }) {
  const askedAfter: number[] = []
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const after = Number(request.headers['last-event-id'])
    askedAfter.push(after)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const rest = () => {
      for (let id = after + 2; id <= last; id++) response.write(event(id))
      response.end()
    }
    response.write(event(after + 1))
    const beat = beats ? setInterval(() => response.write(':\n\n'), 20) : undefined
    const silence = setTimeout(rest, silentFor)
    response.on('close', () => {
      clearInterval(beat)
      clearTimeout(silence)
    })
  }
  return { askedAfter, answer }
}

async function idsUpTo(end: number, target: Target): Promise<number[]> {
  const seen: number[] = []
  for await (const { id } of follow(target, numbers, { isLast: ({ id }) => id === end })) seen.push(id)
  return seen
}

test('a stream that only says that it lives is kept, however long it has nothing to tell', async () => {
  const { askedAfter, answer } = silentAfterOne({ beats: true, silentFor: 1_000 })
  await using server = await serve(answer)
  expect(await idsUpTo(5, { ...server.target, silenceMs: 250 })).toEqual([1, 2, 3, 4, 5])
  expect(askedAfter).toEqual([0])
})

// Catches a client that waits for ever on a connection whose other end is gone, and one that begins again from the start.
test('a stream that says nothing at all is cut, and goes on after what was read', async () => {
  const { askedAfter, answer } = silentAfterOne({ beats: false, silentFor: 60_000 })
  await using server = await serve(answer)
  expect(await idsUpTo(3, { ...server.target, silenceMs: 50 })).toEqual([1, 2, 3])
  expect(askedAfter).toEqual([0, 1, 2])
})
