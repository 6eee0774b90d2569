import type { ServerResponse } from 'node:http'
import { route } from '@spoq/contracts/http'
import { problemType, SpoqError, toProblem } from '@spoq/contracts/problem'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { follow } from './stream.ts'
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
