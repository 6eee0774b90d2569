import { randomBytes } from 'node:crypto'
import { duplexPair } from 'node:stream'
import { expect, test } from 'vitest'
import { keyPairOf } from '../ssh-key/index.ts'
import { Ended, openEnd } from './ends.ts'
import { openSlabs } from './gather.ts'
import { installed } from './library.ts'
import { packet, string } from './wire.ts'

const [library, slabs] = [installed(), openSlabs()]
const hostKey = library.readHostKey(keyPairOf(randomBytes(32), 'gateway').private)

/** Who comes in, and the other end of that. */
function pair() {
  const [one, other] = duplexPair()
  const there = openEnd({ library, slabs, socket: one, side: { hostKey } })
  const here = openEnd({ library, slabs, socket: other, side: { knows: key => key.equals(hostKey.getPublicSSH()) } })
  return { there, here }
}

test('both sides come to the same keys, and packets cross whole and in their order', async () => {
  const { there, here } = pair()
  await Promise.all([there.ready, here.ready])
  expect(here.transport.sessionId()).toEqual(there.transport.sessionId())
  const payloads = ['', 'one', 'x'.repeat(30_000)].map(text => packet(80, string(text), 1))
  for (const payload of payloads) here.transport.send(payload)
  for (const payload of payloads) expect(await there.next()).toEqual(payload)
  here.transport.cut('enough')
})

test('who waits when the connection ends is told, each of them, and later ones at once', async () => {
  const { there, here } = pair()
  await Promise.all([there.ready, here.ready])
  const never = new Promise<never>(() => {})
  const waits = [there.next(), there.during(never), there.during(never)].map(wait =>
    expect(wait).rejects.toThrow(Ended),
  )
  expect(await there.during(Promise.resolve('in time'))).toBe('in time')
  await expect(there.during(Promise.reject(new Error('its own')))).rejects.toThrow('its own')
  here.transport.cut('enough')
  await Promise.all(waits)
  await expect(there.during(never)).rejects.toThrow(Ended)
  await expect(there.next()).rejects.toThrow(Ended)
})

test('a machine with another key is not spoken to', async () => {
  const [one, other] = duplexPair()
  openEnd({ library, slabs, socket: one, side: { hostKey } })
  await expect(openEnd({ library, slabs, socket: other, side: { knows: () => false } }).ready).rejects.toThrow(Ended)
})
