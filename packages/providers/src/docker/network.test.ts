import fc from 'fast-check'
import { expect, test } from 'vitest'
import { candidates } from './network.ts'
import { rulesOf } from './rules.ts'

/** Catches: a subnet twice, one outside of the pool, one that is no multiple of its size, a pool that ends early. */
test('every /29 of a pool is offered once, wherever one begins', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 20, max: 29 }), (name, bits) => {
      const all = [...candidates(`10.213.0.0/${bits}`, name)]
      expect(new Set(all).size).toBe(2 ** (29 - bits))
      for (const subnet of all) {
        const [, a, b, c, d] = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/29$/.exec(subnet)?.map(Number) ?? []
        expect([a, b, Number(d) % 8]).toEqual([10, 213, 0])
        expect(Number(c) * 256 + Number(d)).toBeLessThan(2 ** (32 - bits))
      }
    }),
  )
})

test('machines are let to addresses with a port, and to nothing else that would be a rule', () => {
  const rules = rulesOf('a', ['203.0.113.7:443', '[2001:db8::1]:443'])
  expect(rules.match(/ip daddr 203\.0\.113\.7 tcp dport 443 return/g)).toHaveLength(2)
  expect(rules.match(/ip6 daddr 2001:db8::1 tcp dport 443 return/g)).toHaveLength(2)
  for (const target of ['spoq.dev:443', '10.0.0.1', '10.0.0.1:443; flush ruleset', '0.0.0.0/0:443', ''])
    expect(() => rulesOf('a', [target])).toThrow('an address and a port are needed')
})
