import { serve } from '@spoq/client/testing'
import type { SessionEvent } from '@spoq/contracts/session'
import { expect, test } from 'vitest'
import { followSession } from './follow-session.ts'

const session = 'sess_0123456789abcdef0123'

function frame(id: number): string {
  const at = new Date(0).toISOString()
  const event = { id, session, turn: 'turn_0123456789abcdef0123', at, type: 'text.delta', text: `word ${id}` }
  return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`
}

// The connection of a laptop that slept: nothing closes it, and nothing comes any more.
test('a stream that went silent is said to be away, and goes on where it was', async () => {
  const askedAfter: number[] = []
  await using server = await serve((request, response) => {
    const after = Number(request.headers['last-event-id'])
    askedAfter.push(after)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(frame(after + 1) + frame(after + 2))
  })
  const done = new AbortController()
  const events: SessionEvent[] = []
  const connections: string[] = []
  await followSession(
    { ...server.target, silenceMs: 100 },
    {
      session,
      signal: done.signal,
      onEvent: event => {
        events.push(event)
        if (event.id === 6) done.abort()
      },
      onConnection: connection => connections.push(connection),
    },
  )
  expect(events.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6])
  expect(askedAfter).toEqual([0, 2, 4])
  expect(connections).toEqual(['connected', 'away', 'connected', 'away', 'connected'])
})
