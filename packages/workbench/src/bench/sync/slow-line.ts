// A line between two processes, in a process of its own: so many bytes a second in each direction, and so long on the way.
// node slow-line.ts FROM TO BYTES_A_SECOND ONE_WAY_MS; FROM and TO are ports or paths of sockets.

import { connect, createServer, type Socket } from 'node:net'

const [from = '', to = '', rate = '', delay = ''] = process.argv.slice(2)
const [bytesAMs, oneWayMs] = [Number(rate) / 1_000, Number(delay)]
const at = (address: string) =>
  /^\d+$/.test(address) ? { port: Number(address), host: '127.0.0.1' } : { path: address }

/** One direction of all connections together. */
function direction() {
  let free = 0
  return (source: Socket, sink: Socket) => {
    let waiting = 0
    source.on('data', (piece: Buffer) => {
      const now = performance.now()
      free = Math.max(free, now) + piece.length / bytesAMs
      waiting += piece.length
      // What is on the way at most, and as much again in buffers.
      if (waiting > 2 * bytesAMs * (oneWayMs + 10)) source.pause()
      later(free + oneWayMs, () => {
        waiting -= piece.length
        sink.write(piece)
        if (waiting < bytesAMs * (oneWayMs + 10)) source.resume()
      })
    })
    source.on('end', () => later(Math.max(free, performance.now()) + oneWayMs, () => sink.end()))
    source.on('close', () => later(Math.max(free, performance.now()) + oneWayMs + 1, () => sink.destroy()))
  }
}

const queue: { due: number; work: () => void }[] = []
let isTicking = false

/** In order: each direction's are due one after the other, and both wait about as long. */
function later(due: number, work: () => void): void {
  const place = queue.findLastIndex(one => one.due <= due) + 1
  queue.splice(place, 0, { due, work })
  if (!isTicking) tick()
}

function tick(): void {
  const now = performance.now()
  while (queue[0] && queue[0].due <= now) queue.shift()?.work()
  const [next] = queue
  isTicking = next !== undefined
  if (next) setTimeout(tick, Math.max(0, next.due - now))
}

const [up, down] = [direction(), direction()]
const server = createServer({ noDelay: true, allowHalfOpen: true }, client => {
  const upstream = connect({ ...at(to), noDelay: true, allowHalfOpen: true })
  for (const end of [client, upstream]) end.on('error', () => {})
  up(client, upstream)
  down(upstream, client)
})
server.listen(at(from), () => console.log('ready'))
