// Many readers of one session in a process of their own: arguments are the socket, the path of a turn's events, and how
// many readers. Prints `reading` once all are connected, and then what they got.

import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { createParser } from 'eventsource-parser'

export interface Read {
  /** Readers that got each event once and in order, to the turn's end. */
  whole: number
  /** Events each of them got. */
  events: number
  /** From the commit of an event to its arrival at a reader, in ms; only of events written while it read. */
  lags: number[]
}

const [socketPath = '', path = '', count = ''] = process.argv.slice(2)
// One connection for each reader, as if each were a computer of its own.
const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY, keepAlive: false })

async function main(): Promise<void> {
  const readers = await Promise.all(Array.from({ length: Number(count) }, open))
  const since = now()
  console.log('reading')
  const all = await Promise.all(readers.map(response => read(response, since)))
  const result: Read = {
    whole: all.filter(({ whole }) => whole).length,
    events: Math.max(...all.map(({ last }) => last)),
    lags: all.flatMap(({ lags }) => lags),
  }
  console.log(JSON.stringify(result))
}

async function open(): Promise<IncomingMessage> {
  const asked = request({ socketPath, path, agent, headers: { accept: 'text/event-stream' } })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`a reader was refused: ${response.statusCode}`)
  return response
}

async function read(
  response: IncomingMessage,
  since: number,
): Promise<{ whole: boolean; last: number; lags: number[] }> {
  const lags: number[] = []
  let [last, inOrder, ended] = [0, true, false]
  const parser = createParser({
    onEvent: ({ data }) => {
      const { id, at, type } = JSON.parse(data) as { id: number; at: string; type: string }
      inOrder &&= id === last + 1
      last = id
      ended = type === 'turn.done'
      if (Date.parse(at) > since) lags.push(now() - Date.parse(at))
    },
  })
  const decoder = new TextDecoder()
  for await (const chunk of response) parser.feed(decoder.decode(chunk as Buffer, { stream: true }))
  return { whole: inOrder && ended, last, lags }
}

const now = () => performance.timeOrigin + performance.now()

void main()
