import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { TunnelAway, TunnelBroken, TunnelFull } from './protocol.ts'
import { testGateway, testMachine } from './testing.ts'

async function echoing(limits = {}) {
  const gateway = await testGateway(limits)
  const came: Duplex[] = []
  const connected = (name: string, stream: Duplex) => {
    if (name !== 'echo') return false
    came.push(stream)
    stream.pipe(stream)
    return true
  }
  testMachine(gateway, 'a', () => {}, { connected })
  await gateway.until('a', true)
  return { hub: gateway.hub, came }
}

test('bytes go both ways, and either end ends by itself', async () => {
  const { hub } = await echoing()
  const stream = await hub.open('a', 'echo')
  const sent = Buffer.alloc(8 << 20, 'x')
  stream.end(sent)
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  expect(Buffer.concat(chunks).equals(sent)).toBe(true)
  await vi.waitFor(() => expect(hub.streams()).toBe(0))
})

test('what goes away at one end goes away at the other', async () => {
  const { hub, came } = await echoing()
  const stream = await hub.open('a', 'echo')
  stream.destroy()
  await once(came[0] as Duplex, 'close')
  const other = await hub.open('a', 'echo')
  other.on('error', () => {})
  came[1]?.destroy()
  await once(other.resume(), 'close')
})

test('a reader that stops holds the writer up', async () => {
  const { hub, came } = await echoing()
  const stream = await hub.open('a', 'echo')
  const sent = 64
  for (let pieces = 0; pieces < sent; pieces++) stream.write(Buffer.alloc(1 << 20))
  // What is under way is bounded by windows.
  await vi.waitFor(() => expect(stream.writableLength).toBeLessThan(sent << 20))
  await sleep(300)
  expect(stream.writableLength).toBeGreaterThan((sent - 24) << 20)
  expect(came).toHaveLength(1)
  stream.destroy()
})

test('what is not there, who is not there, and too many are told apart', async () => {
  const { hub } = await echoing({ streams: 1 })
  await expect(hub.open('a', 'nothing')).rejects.toBeInstanceOf(TunnelBroken)
  await expect(hub.open('b', 'echo')).rejects.toBeInstanceOf(TunnelAway)
  const first = await hub.open('a', 'echo')
  await expect(hub.open('a', 'echo')).rejects.toBeInstanceOf(TunnelFull)
  first.destroy()
  await once(first, 'close')
  await (await hub.open('a', 'echo')).destroy()
})
