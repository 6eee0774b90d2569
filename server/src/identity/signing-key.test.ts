import { expect, test } from 'vitest'
import { openSigningKey } from './signing-key.ts'

function world() {
  let time = 1_000_000
  const reads: number[] = []
  let fault: Error | null = null
  const resolve = async () => {
    reads.push(time)
    if (fault) throw fault
    return { kid: `key-${reads.length}` } as never
  }
  const signingKey = openSigningKey(() => time, resolve)
  const context = { getPlugin: () => ({ options: { jwt: {} } }) } as never
  return {
    reads,
    key: async () => ((await signingKey(context)).resolvedKey as unknown as { kid: string }).kid,
    pass: (ms: number) => {
      time += ms
    },
    fail: (error: Error | null) => {
      fault = error
    },
  }
}

test('the key is read once a minute, however many sign', async () => {
  const { key, pass, reads } = world()
  expect(await Promise.all([key(), key(), key()])).toEqual(['key-1', 'key-1', 'key-1'])
  pass(59_999)
  expect(await key()).toBe('key-1')
  pass(1)
  expect(await key()).toBe('key-2')
  expect(reads).toHaveLength(2)
})

test('a clock that was set back keeps no key for longer', async () => {
  const { key, pass } = world()
  await key()
  pass(-60_000)
  expect(await key()).toBe('key-2')
})

test('a fault is not kept, and no other is forgotten for it', async () => {
  const { key, fail } = world()
  fail(new Error('the database is away'))
  await expect(key()).rejects.toThrow('away')
  fail(null)
  expect([await key(), await key()]).toEqual(['key-2', 'key-2'])
})

test('two backends in one process keep each their own', async () => {
  const [one, other] = [world(), world()]
  expect([await one.key(), await other.key()]).toEqual(['key-1', 'key-1'])
  expect([one.reads.length, other.reads.length]).toEqual([1, 1])
})
