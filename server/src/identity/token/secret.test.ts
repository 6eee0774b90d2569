import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashOf, isSecret, isWhole, newSecret } from './secret.ts'

const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => newSecret(Buffer.from(bytes)))

test('it has the form that a scanner looks for', () => {
  expect(newSecret(Buffer.alloc(32))).toMatch(/^spoq_pat_0{43}[0-9A-Za-z]{6}$/)
  expect(newSecret(Buffer.alloc(32, 255))).toMatch(/^spoq_pat_[0-9A-Za-z]{49}$/)
  expect(newSecret()).not.toBe(newSecret())
  expect(isSecret(newSecret())).toBe(true)
})

// Catches a checksum over the wrong part, digits that get lost, and an alphabet with a letter twice.
test('each is whole, and with one character changed it is not', () => {
  const at = fc.integer({ min: 9, max: 57 })
  fc.assert(
    fc.property(secrets, at, fc.constantFrom(...'09AZaz_-.'), (secret, index, character) => {
      expect(isWhole(secret)).toBe(true)
      const changed = secret.slice(0, index) + character + secret.slice(index + 1)
      expect(isWhole(changed)).toBe(changed === secret)
      expect(isWhole(secret.slice(0, index))).toBe(false)
    }),
  )
})

test('different bytes make different secrets, and nothing of one is kept', () => {
  const pair = fc.tuple(fc.bigInt(0n, 2n ** 256n - 1n), fc.bigInt(0n, 2n ** 256n - 1n))
  const secretOf = (value: bigint) => newSecret(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'))
  fc.assert(fc.property(pair, ([a, b]) => (secretOf(a) === secretOf(b)) === (a === b)))
  expect(hashOf(secretOf(1n))).not.toContain('spoq')
})
